//! How a booked number came about.

/// Declares [`Rule`], its names and their meaning in one table.
macro_rules! rules {
    ($($variant:ident $name:literal $meaning:literal)*) => {
        /// The rule by which a number was taken from a record. It is stored beside the number, so that one can ask
        /// which file, which place and which rule a sum is made of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $meaning] $variant,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name that is stored, for instance `diff.structured_patch`. It never changes its meaning.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What the rule does, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// The rule of a name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

rules! {
    UsageMessage "usage.message" "Tokens of `message.usage` of an assistant line, of the line with the most output tokens of its message."
    UsageEntry "usage.entry" "Tokens of `usage` of the assistant line itself, which has none in its message."
    CacheSplit "usage.cache_split" "Cache creation by lifetime as `usage.cache_creation` tells it."
    CacheAssumed5m "usage.cache_assumed_5m" "Cache creation whose lifetime is not told, in whole or in part; the rest counts as five minutes, the default."
    DiffStructuredPatch "diff.structured_patch" "Lines marked `+` and `-` in `toolUseResult.structuredPatch`."
    DiffOriginal "diff.original" "A line diff of the whole file before and after, made from the original in the tool's answer."
    DiffCreate "diff.create" "Every line of a file that the tool's answer calls created."
    DiffEdit "diff.edit" "A line diff of the old and the new text of an edit; of several edits, the sum."
    DiffWrite "diff.write" "Every line of a Write, as nothing tells what was there before."
    DiffNotebook "diff.notebook" "A line diff of the old and the new source of a notebook's cell; all lines of the new one when the old one is not told."
    SentimentVader "sentiment.vader" "The score of what a person said, by the lexicon and rules."
    FrustrationSignals "frustration.signals" "A negative score and the signs of frustration in what a person said."
    CostTable "cost.table" "Tokens and searches times the prices of the table."
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn names_tell_rules_apart() {
        for &rule in Rule::ALL {
            assert_eq!(Rule::from_name(rule.as_str()), Some(rule));
            assert!(rule.meaning().ends_with('.'));
        }
        assert_eq!(Rule::from_name("diff"), None);
    }
}
