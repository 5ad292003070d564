//! Digests held against the constants that the authors of the algorithms publish.

use han_base::Code;
use han_hash::{Algorithm, Hasher, hash_bytes};
use proptest::prelude::*;

#[test]
fn sha256_gives_what_the_standard_says() {
    let of = |bytes: &[u8]| hash_bytes(Algorithm::Sha256, bytes).to_hex();
    assert_eq!(of(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(of(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(
        of(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    );
    assert_eq!(
        of(&vec![b'a'; 1_000_000]),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}

#[test]
fn blake3_gives_what_its_test_vectors_say() {
    for (length, expected) in [
        (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
        (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"),
        (1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"),
        (1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"),
        (2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"),
        (31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"),
        (102_400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"),
    ] {
        let input: Vec<u8> = (0..length).map(|index: u32| (index % 251) as u8).collect();
        assert_eq!(hash_bytes(Algorithm::Blake3, &input).to_hex(), expected, "of {length} bytes");
    }
}

/// The input of the self-test of xxHash.
fn sanity_buffer(length: usize) -> Vec<u8> {
    let mut state: u64 = 2_654_435_761;
    let mut next = || {
        let byte = (state >> 56) as u8;
        state = state.wrapping_mul(11_400_714_785_074_694_797);
        byte
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn xxh3_gives_what_its_self_test_says() {
    for (length, expected) in [
        (0, "99aa06d3014798d86001c324468d497f"),
        (1, "a6cd5e9392000f6ac44bdff4074eecdb"),
        (6, "082afe0b8162d12a3e7039bdda43cfc6"),
        (12, "6e3efd8fc7802b18061a192713f69ad9"),
        (24, "0ce966e4678d37611e7044d28b1b901d"),
        (48, "a002ac4e5478227ef942219aed80f67b"),
        (81, "4952f58181ab00425e8bafb9f95fb803"),
        (222, "337e09641b948717f1aebd597cec6b3a"),
        (403, "1b6de21e332dd73dcdeb804d65c6dea4"),
        (512, "18d2d110dcc9bca1617e49599013cb6b"),
        (2048, "f736557fd47073a5dd59e2c3a5f038e0"),
        (2240, "ccb134fbfa7ce49d6e73a90539cf2948"),
        (2367, "e89c0f6ff369b427cb37aeb9e5d361ed"),
    ] {
        let digest = hash_bytes(Algorithm::Xxh3Of128, &sanity_buffer(length));
        assert_eq!(digest.to_hex(), expected, "of {length} bytes");
        assert_eq!(digest.as_bytes().len(), 16);
    }
}

#[test]
fn names_are_those_of_the_documentation_and_others_are_refused() {
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::parse(algorithm.as_str()).unwrap(), algorithm);
        assert_eq!(hash_bytes(algorithm, b"a").algorithm(), algorithm);
        assert_eq!(hash_bytes(algorithm, b"a").as_bytes().len(), algorithm.digest_bytes());
    }
    for name in ["", "SHA256", "sha-256", "md5", "xxh3"] {
        let error = Algorithm::parse(name).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(error.to_string().contains("sha256, blake3, xxh3-128"), "{error}");
    }
}

proptest! {
    #[test]
    fn how_bytes_are_cut_makes_no_difference(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..8),
    ) {
        for algorithm in Algorithm::ALL {
            let mut hasher = Hasher::new(algorithm);
            let mut whole = Vec::new();
            for piece in &pieces {
                hasher.update(piece);
                whole.extend(piece);
                // Asking does not disturb.
                prop_assert_eq!(hasher.digest(), hash_bytes(algorithm, &whole));
            }
        }
    }

    #[test]
    fn the_text_of_a_digest_is_its_own_only(bytes in prop::collection::vec(any::<u8>(), 0..40), place in 0..32usize) {
        for algorithm in Algorithm::ALL {
            let digest = hash_bytes(algorithm, &bytes);
            let text = digest.to_hex();
            prop_assert_eq!(text.len(), 2 * algorithm.digest_bytes());
            prop_assert!(digest.is_hex(&text));
            prop_assert_eq!(format!("{digest}"), text.clone());
            let mut other = text.clone().into_bytes();
            other[place] = if other[place] == b'0' { b'1' } else { b'0' };
            prop_assert!(!digest.is_hex(std::str::from_utf8(&other).unwrap()));
            prop_assert!(!digest.is_hex(&text[1..]));
            prop_assert!(!digest.is_hex(""));
        }
    }
}
