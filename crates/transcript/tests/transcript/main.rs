//! Records against lines of every type, against a slow clear twin, and against whole files.

mod compactions;
mod damage;
mod edits;
mod events;
mod file_operations;
mod files;
mod lines;
mod oracle;
mod prices;
mod speech;
mod tasks;
mod tools;
