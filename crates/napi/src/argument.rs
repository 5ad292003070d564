//! Values on their way from and to JavaScript that Node-API itself would bend to fit.

use crate::error;
use han_base::{Code, Error};
use napi::{
    Env, Property, PropertyAttributes,
    bindgen_prelude::{JsObjectValue, Object, ToNapiValue},
};

/// A count that a caller may leave out: a whole number from 0 to 2^32 - 1. Node-API would take the remainder of any
/// other number, so that a limit of -1 became four thousand million.
///
/// Code: `INVALID_ARGUMENT`.
pub(crate) fn count(name: &str, number: Option<f64>) -> han_base::Result<Option<u32>> {
    let Some(number) = number else { return Ok(None) };
    if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
        return Ok(Some(number as u32));
    }
    let attempt = format!("take {name} = {number}: it is a whole number from 0 to {}", u32::MAX);
    Err(Error::new(Code::InvalidArgument, attempt))
}

/// An object with a property for each entry, in this order. Every key is an ordinary property, `__proto__` too.
pub(crate) fn record<T: ToNapiValue>(env: &Env, entries: Vec<(String, T)>) -> error::Result<Object<'_>> {
    let make = || {
        let plain =
            PropertyAttributes::Writable | PropertyAttributes::Enumerable | PropertyAttributes::Configurable;
        let properties = entries
            .into_iter()
            .map(|(key, value)| {
                let property = Property::new().with_name(env, key)?.with_napi_value(env, value)?;
                Ok(property.with_property_attributes(plain))
            })
            .collect::<napi::Result<Vec<_>>>()?;
        let mut object = Object::new(env)?;
        object.define_properties(&properties)?;
        Ok(object)
    };
    make().map_err(|error| error::thrown(&error::from_napi("make the answer", &error)))
}

#[cfg(test)]
mod tests {
    use super::count;
    use han_base::Code;

    #[test]
    fn a_count_is_a_whole_number_that_fits() {
        assert_eq!(count("limit", None).unwrap(), None);
        for number in [0, 1, 1000, u32::MAX] {
            assert_eq!(count("limit", Some(f64::from(number))).unwrap(), Some(number));
        }
        for number in [-1.0, 0.5, 4_294_967_296.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = count("limit", Some(number)).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument);
            assert!(error.to_string().contains(&format!("limit = {number}: it is")), "{error}");
        }
    }
}
