//! Cosine similarity over stored vectors: 32-bit floats, little-endian, one behind the other.
//!
//! Products and sums are 64-bit floats: no square of a 32-bit float overflows or vanishes in them, and the error of a
//! similarity is about that of 64-bit arithmetic, 1e-15 and a little more for thousands of numbers. Sums are kept in
//! [`LANES`] parts, so that the processor can do several at once; for whole numbers of ordinary size they are exact.

/// Parts of a sum.
const LANES: usize = 8;

/// Bytes of a number.
const WIDTH: usize = size_of::<f32>();

/// A vector to compare others with.
pub(super) struct Direction {
    numbers: Vec<f64>,
    square: f64,
}

impl Direction {
    pub(super) fn of(vector: &[f32]) -> Self {
        let numbers: Vec<f64> = vector.iter().map(|&number| number.into()).collect();
        let square = numbers.iter().map(|number| number * number).sum();
        Self { numbers, square }
    }

    /// From -1 to 1; 0 where either vector has no direction. `None` when the bytes are no vector of this dimension.
    pub(super) fn similarity_to(&self, blob: &[u8]) -> Option<f64> {
        if blob.len() != self.numbers.len() * WIDTH {
            return None;
        }
        let (product, square) = self.products(blob);
        if !square.is_finite() {
            return None;
        }
        // The product of two squares stays within a 64-bit float.
        let length = (self.square * square).sqrt();
        // Adding 0 makes 0 of -0: they are one score.
        Some(if length == 0.0 { 0.0 } else { (product / length).clamp(-1.0, 1.0) + 0.0 })
    }

    /// The product with the stored vector, and that one's with itself.
    fn products(&self, blob: &[u8]) -> (f64, f64) {
        let (numbers, rest) = self.numbers.as_chunks::<LANES>();
        let (stored, stored_rest) = blob.as_chunks::<{ LANES * WIDTH }>();
        let (mut products, mut squares) = ([0.0; LANES], [0.0; LANES]);
        for (numbers, stored) in numbers.iter().zip(stored) {
            for lane in 0..LANES {
                let at = lane * WIDTH;
                let number = number([stored[at], stored[at + 1], stored[at + 2], stored[at + 3]]);
                products[lane] += numbers[lane] * number;
                squares[lane] += number * number;
            }
        }
        let (mut product, mut square) = (products.iter().sum::<f64>(), squares.iter().sum::<f64>());
        for (other, &bytes) in rest.iter().zip(stored_rest.as_chunks::<WIDTH>().0) {
            let number = number(bytes);
            product += other * number;
            square += number * number;
        }
        (product, square)
    }
}

/// A vector as it is stored.
pub(super) fn to_blob(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn number(bytes: [u8; WIDTH]) -> f64 {
    f32::from_le_bytes(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::{Direction, to_blob};
    use proptest::prelude::{any, prop, prop_assert, proptest};

    /// The same, one number after the other.
    fn twin(one: &[f32], other: &[f32]) -> f64 {
        let (mut product, mut one_square, mut other_square) = (0.0, 0.0, 0.0);
        for (&one, &other) in one.iter().zip(other) {
            let (one, other) = (f64::from(one), f64::from(other));
            product += one * other;
            one_square += one * one;
            other_square += other * other;
        }
        if one_square == 0.0 || other_square == 0.0 {
            return 0.0;
        }
        product / one_square.sqrt() / other_square.sqrt()
    }

    fn similarity(one: &[f32], other: &[f32]) -> f64 {
        Direction::of(one).similarity_to(&to_blob(other)).unwrap()
    }

    fn finite() -> impl proptest::strategy::Strategy<Value = f32> {
        use proptest::strategy::Strategy;
        any::<f32>().prop_filter("finite", |number| number.is_finite())
    }

    proptest! {
        #[test]
        fn it_is_what_the_slow_twin_says(pairs in prop::collection::vec((finite(), finite()), 1..200)) {
            let (one, other): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let found = similarity(&one, &other);
            let expected = twin(&one, &other);
            prop_assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            prop_assert!((-1.0..=1.0).contains(&found));
        }
    }

    #[test]
    fn known_angles() {
        for (one, other, expected) in [
            (&[1.0, 0.0][..], &[5.0, 0.0][..], 1.0),
            (&[1.0, 0.0], &[-0.5, 0.0], -1.0),
            (&[1.0, 0.0], &[0.0, 3.0], 0.0),
            (&[1.0, 2.0], &[2.0, 4.0], 1.0),
            (&[3.0, 4.0], &[4.0, 3.0], 24.0 / 25.0),
            (&[0.0, 0.0], &[1.0, 1.0], 0.0),
            (&[1.0, 1.0], &[0.0, -0.0], 0.0),
            (&[f32::MAX; 9], &[f32::MAX; 9], 1.0),
            (&[f32::from_bits(1); 9], &[f32::from_bits(1); 9], 1.0),
            (&[f32::MAX; 9], &[-f32::from_bits(1); 9], -1.0),
        ] {
            let found = similarity(one, other);
            assert!((found - expected).abs() < 1e-15, "{one:?} {other:?}: {found}");
            assert!(found != 0.0 || found.is_sign_positive(), "-0 is another score than 0");
        }
    }

    #[test]
    fn bytes_that_are_no_vector_of_this_dimension_have_no_similarity() {
        let direction = Direction::of(&[1.0, 2.0]);
        for bytes in [&[][..], &[0; 4], &[0; 7], &[0; 9], &[0; 12]] {
            assert_eq!(direction.similarity_to(bytes), None);
        }
        for broken in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(direction.similarity_to(&to_blob(&[0.0, broken])), None);
        }
    }
}
