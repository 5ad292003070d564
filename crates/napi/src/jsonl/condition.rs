//! Filters as callers write them.

use han_base::{Code, Error};
use han_jsonl::{Condition, Filter, Literal};
use napi::{
    JsValue, Status, Unknown, ValueType,
    bindgen_prelude::{Array, FromNapiValue, JsObjectValue, Object, TypeName, ValidateNapiValue},
    sys::{napi_env, napi_value},
};
use napi_derive::napi;

/// A condition on a line. It has exactly one of `fieldPath` (with `operator`), `any`, `all` and `not`.
///
/// A field that is missing makes every operator false, `ne` too. What is no whole JSON value never matches, not even
/// under `not`.
///
/// @example
/// ```js
/// { fieldPath: 'message.content[0].type', operator: 'eq', value: 'tool_use' }
/// { any: [{ fieldPath: 'type', operator: 'in', values: ['user', 'assistant'] }, { not: { fieldPath: 'uuid', operator: 'exists' } }] }
/// ```
// Only declared: `Filters` reads it, since a record may hold itself and `value: null` is not "no value".
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct JsonlFilter {
    /// `message.content[0].type`; `message.content.0.type` means the same. `\.`, `\[`, `\]` and `\\` stand for the
    /// character in a key.
    #[napi(ts_type = "string | undefined | null")]
    pub field_path: Option<String>,
    /// One of `eq`, `ne`, `gt`, `gte`, `lt`, `lte`, `contains`, `startsWith`, `regex`, `in`, `exists`.
    #[napi(ts_type = "string | undefined | null")]
    pub operator: Option<String>,
    /// What the field is compared with. A text compares with fields of every type: numbers with numbers, times with
    /// times, `true`, `false` and `null` by these words. A number, boolean or `null` compares only with its own type.
    #[napi(ts_type = "string | number | boolean | undefined | null")]
    pub value: Option<String>,
    /// What `in` compares the field with.
    #[napi(ts_type = "Array<string | number | boolean | null> | undefined | null")]
    pub values: Option<Vec<String>>,
    /// At least one of these holds.
    #[napi(ts_type = "Array<JsonlFilter> | undefined | null")]
    pub any: Option<Vec<String>>,
    /// All of these hold.
    #[napi(ts_type = "Array<JsonlFilter> | undefined | null")]
    pub all: Option<Vec<String>>,
    /// This one does not hold. A field that is missing makes a condition false and its `not` true.
    #[napi(ts_type = "JsonlFilter | undefined | null")]
    pub not: Option<String>,
}

/// Conditions of which all must hold; none matches every line that is JSON.
// A name of its own, so that the loader leaves the nulls in these records alone.
#[napi]
pub type JsonlFilters = Vec<JsonlFilter>;

/// Groups inside one another that are read; a filter may have fewer. A record that holds itself ends here.
const MAX_DEPTH: usize = 100;

/// Conditions that are read; a filter may have fewer.
const MAX_CONDITIONS: usize = 10_000;

/// Elements of an array that are read; a filter may have fewer.
const MAX_ELEMENTS: u32 = 100_000;

/// What was read of a caller's `JsonlFilter[]`.
pub struct Filters(han_base::Result<Vec<Condition>>);

impl Filters {
    /// Compiles them. Code: `INVALID_FILTER`.
    pub(super) fn compile(self) -> han_base::Result<Filter> {
        Filter::compile(&self.0?)
    }
}

impl TypeName for Filters {
    fn type_name() -> &'static str {
        "Array"
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl ValidateNapiValue for Filters {}

impl FromNapiValue for Filters {
    unsafe fn from_napi_value(env: napi_env, value: napi_value) -> napi::Result<Self> {
        // SAFETY: both are those that were given to us.
        let value = unsafe { Unknown::from_napi_value(env, value) }?;
        if !value.is_array()? {
            return Err(napi::Error::new(Status::ArrayExpected, "filters is an array of conditions"));
        }
        let mut reading = Reading { conditions: 0 };
        match reading.list("filters", value, 0) {
            Ok(conditions) => Ok(Self(Ok(conditions))),
            Err(Failure::Shape(error)) => Ok(Self(Err(error))),
            Err(Failure::Engine(error)) => Err(error),
        }
    }
}

/// Why a filter was not read.
enum Failure {
    /// It has another shape than a filter.
    Shape(Error),
    /// A getter threw, or Node-API failed.
    Engine(napi::Error),
}

impl From<napi::Error> for Failure {
    fn from(error: napi::Error) -> Self {
        Self::Engine(error)
    }
}

fn misshapen(place: &str, what: impl AsRef<str>) -> Failure {
    Failure::Shape(Error::new(Code::InvalidFilter, format!("read {place}: {}", what.as_ref())))
}

type Read<T> = Result<T, Failure>;

struct Reading {
    conditions: usize,
}

impl Reading {
    fn list(&mut self, place: &str, value: Unknown<'_>, depth: usize) -> Read<Vec<Condition>> {
        each(place, value, |index, value| self.condition(&format!("{place}[{index}]"), value, depth))
    }

    fn condition(&mut self, place: &str, value: Unknown<'_>, depth: usize) -> Read<Condition> {
        self.conditions += 1;
        if depth > MAX_DEPTH || self.conditions > MAX_CONDITIONS {
            let most =
                format!("more than {MAX_DEPTH} groups inside one another, or {MAX_CONDITIONS} conditions");
            return Err(misshapen("filters", most));
        }
        if value.get_type()? != ValueType::Object || value.is_array()? {
            return Err(misshapen(place, format!("it is {}, not a condition", kind_of(value)?)));
        }
        let record: Object<'_> = typed(value)?;
        let mut condition = Condition::default();
        for key in Object::keys(&record)? {
            let value: Unknown<'_> = record.get_named_property_unchecked(&key)?;
            self.field(&mut condition, place, &key, value, depth)?;
        }
        Ok(condition)
    }

    fn field(
        &mut self,
        condition: &mut Condition,
        place: &str,
        key: &str,
        value: Unknown<'_>,
        depth: usize,
    ) -> Read<()> {
        let place = format!("{place}.{key}");
        match (key, value.get_type()?) {
            (_, ValueType::Undefined) if is_field(key) => {}
            ("value", _) => condition.value = Some(literal(&place, value)?),
            (_, ValueType::Null) if is_field(key) => {}
            ("fieldPath", _) => condition.field_path = Some(text(&place, value)?),
            ("operator", _) => condition.operator = Some(text(&place, value)?),
            ("values", _) => condition.values = Some(each(&place, value, |_, value| literal(&place, value))?),
            ("any", _) => condition.any = Some(self.list(&place, value, depth + 1)?),
            ("all", _) => condition.all = Some(self.list(&place, value, depth + 1)?),
            ("not", _) => condition.not = Some(Box::new(self.condition(&place, value, depth + 1)?)),
            _ => {
                let known = FIELDS.join(", ");
                return Err(misshapen(&place, format!("a condition has no such field, only {known}")));
            }
        }
        Ok(())
    }
}

const FIELDS: [&str; 7] = ["fieldPath", "operator", "value", "values", "any", "all", "not"];

fn is_field(key: &str) -> bool {
    FIELDS.contains(&key)
}

/// Reads the elements of an array one after the other.
fn each<T>(
    place: &str,
    value: Unknown<'_>,
    mut read: impl FnMut(u32, Unknown<'_>) -> Read<T>,
) -> Read<Vec<T>> {
    if !value.is_array()? {
        return Err(misshapen(place, format!("it is {}, not an array", kind_of(value)?)));
    }
    let array: Array<'_> = typed(value)?;
    if array.len() > MAX_ELEMENTS {
        return Err(misshapen(place, format!("it has more than {MAX_ELEMENTS} elements")));
    }
    (0..array.len()).map(|index| read(index, array.get_element(index)?)).collect()
}

fn text(place: &str, value: Unknown<'_>) -> Read<String> {
    match value.get_type()? {
        ValueType::String => Ok(typed(value)?),
        _ => Err(misshapen(place, format!("it is {}, not a text", kind_of(value)?))),
    }
}

fn literal(place: &str, value: Unknown<'_>) -> Read<Literal> {
    Ok(match value.get_type()? {
        ValueType::String => Literal::Text(typed(value)?),
        ValueType::Number => Literal::Number(typed(value)?),
        ValueType::Boolean => Literal::Boolean(typed(value)?),
        ValueType::Null => Literal::Null,
        _ => {
            let what = format!("it is {}, not a text, number, boolean or null", kind_of(value)?);
            return Err(misshapen(place, what));
        }
    })
}

/// The value as what its type was found to be.
fn typed<T: FromNapiValue>(value: Unknown<'_>) -> napi::Result<T> {
    // SAFETY: the conversions that are used here check the type themselves, except for arrays and objects, of which the
    // callers made sure.
    unsafe { value.cast() }
}

fn kind_of(value: Unknown<'_>) -> napi::Result<String> {
    if value.is_array()? {
        return Ok("an array".to_owned());
    }
    Ok(match value.get_type()? {
        ValueType::Object => "an object".to_owned(),
        ValueType::Undefined => "undefined".to_owned(),
        ValueType::Null => "null".to_owned(),
        other => format!("a {}", other.to_string().to_lowercase()),
    })
}
