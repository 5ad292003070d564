//! The reader against slow clear twins, and on files that change, are huge or are followed.

#![cfg(test)]

mod changing;
mod following;
mod huge;
mod index_changes;
mod index_places;
mod index_sidecars;
mod index_twin;
mod odd;
mod pages_changing;
mod pages_huge;
mod reading;
