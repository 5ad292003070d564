//! Records against lines of every type, against a slow clear twin, and against whole files.

mod damage;
mod events;
mod files;
mod lines;
mod oracle;
