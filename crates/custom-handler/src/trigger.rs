//! Typed views of an invocation: the first argument of a function.
//!
//! A trigger type decodes; it does not act.

mod batch;
mod binary;
mod queue;
mod text;
mod timer;

pub use batch::Batch;
pub use binary::Binary;
pub use queue::QueueItem;
pub use text::Text;
pub(crate) use timer::instant;
pub use timer::{ScheduleStatus, Timer};

use crate::envelope::{Envelope, EnvelopeError};

/// Something that a function can be triggered with. Implement it for your own view of an envelope.
///
/// ```
/// use custom_handler::{Envelope, EnvelopeError, Trigger};
///
/// struct Words(Vec<String>);
///
/// impl Trigger for Words {
///     fn decode(envelope: &Envelope, binding: Option<&str>) -> Result<Self, EnvelopeError> {
///         let (_, payload) = envelope.trigger(binding)?;
///         Ok(Words(payload.text().split_whitespace().map(str::to_owned).collect()))
///     }
/// }
/// # let e = Envelope::parse(br#"{"Data":{"job":"\"a b\""},"Metadata":{}}"#).unwrap();
/// # assert_eq!(Words::decode(&e, None).unwrap().0, ["a", "b"]);
/// ```
pub trait Trigger: Sized {
    /// Reads the trigger's value; `binding` is its name in function.json where the application gave one.
    ///
    /// # Errors
    /// What is wrong with the envelope; the response to the host is 400 with that message.
    fn decode(envelope: &Envelope, binding: Option<&str>) -> Result<Self, EnvelopeError>;
}

/// The raw envelope, for a trigger that none of the typed views fits.
impl Trigger for Envelope {
    fn decode(envelope: &Envelope, binding: Option<&str>) -> Result<Self, EnvelopeError> {
        envelope.trigger(binding)?;
        Ok(envelope.clone())
    }
}
