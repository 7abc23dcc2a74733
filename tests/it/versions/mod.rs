//! What earlier versions of the program wrote, today's reads and continues. The stores in `fixtures/store-v1` were written
//! by the version of commit 3e67f91, which ended by a power cut amid its work; its own answers are beside them.

mod continued;
#[allow(dead_code, reason = "the example `versions` needs the rest")]
pub(crate) mod place;
#[allow(dead_code, reason = "the example `versions` writes it")]
pub(crate) mod scene;
