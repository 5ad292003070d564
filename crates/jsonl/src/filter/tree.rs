//! The paths of all conditions as one tree, so that a line is walked once.

use super::{
    expression::{Hits, Leaf},
    path::Segment,
};

/// A place in a line that some condition looks at, or passes on its way.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// The leaves that ask for the value that stands here.
    pub(super) leaves: Vec<usize>,
    /// All leaves here and below.
    pub(super) below: Hits,
    children: Vec<Child>,
    /// Whether some child stands in an object.
    pub(super) has_keys: bool,
    /// The last item of an array that some child stands at.
    pub(super) last_item: Option<u32>,
}

#[derive(Clone, Debug)]
struct Child {
    segment: Segment,
    node: Node,
}

impl Node {
    /// The tree of the paths of `leaves`.
    pub(super) fn of(leaves: &[Leaf]) -> Self {
        let mut root = Self::default();
        for (index, leaf) in leaves.iter().enumerate() {
            let bit = 1 << index;
            root.below |= bit;
            let mut node = &mut root;
            for segment in &*leaf.path {
                node = node.child(segment);
                node.below |= bit;
            }
            node.leaves.push(index);
        }
        root
    }

    fn child(&mut self, segment: &Segment) -> &mut Self {
        self.has_keys |= segment.key().is_some();
        self.last_item = self.last_item.max(segment.index());
        let known = self.children.iter().position(|child| child.segment == *segment);
        let place = known.unwrap_or_else(|| {
            self.children.push(Child { segment: segment.clone(), node: Self::default() });
            self.children.len() - 1
        });
        &mut self.children[place].node
    }

    /// The place of the value of `key`.
    pub(super) fn at_key(&self, key: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.segment.key() == Some(key)).map(|child| &child.node)
    }

    /// The places of the item `index`: two when both `.0` and `[0]` are looked for.
    pub(super) fn at_item(&self, index: u32) -> impl Iterator<Item = &Self> {
        self.children
            .iter()
            .filter(move |child| child.segment.index() == Some(index))
            .map(|child| &child.node)
    }
}
