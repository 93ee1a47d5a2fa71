//! Real evidence, in the directory that `ADYTON_VECTORS` names.

mod eventlogs;
mod quotes;
mod vectors;
