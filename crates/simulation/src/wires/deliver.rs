//! The centre's end of a line.

use tower::ServiceExt as _;

use super::fate::document_of;
use super::{Answer, Message, SharedWires, locked};
use crate::coverage::Seen;
use crate::fragile_storage;

/// Hands a request, or the beginning of one, to the centre; none when nothing is answered.
pub(super) async fn deliver(
    wires: &SharedWires,
    number: Option<usize>,
    message: &Message,
    cut: Option<usize>,
) -> Option<Answer> {
    let router = {
        let mut wires = locked(wires);
        let router = wires.router.clone()?;
        if message.path.ends_with("/exchange") {
            if let Some(number) = number {
                wires.exchanges[number] += 1;
            }
            let short = message.path.starts_with("/sync/v2/");
            wires.coverage.saw(if short { Seen::ShortForm } else { Seen::FullForm });
        }
        if message.path.starts_with("/sync/v1/parcels") {
            wires.coverage.saw(Seen::ParcelPiece);
        }
        if let Some(hash) = document_of(&message.path) {
            let arrived = cut.unwrap_or(message.body.len());
            wires.documents.entry(hash.to_owned()).or_default().arrived +=
                u64::try_from(arrived).unwrap_or(0);
        }
        router
    };
    let answer = Answer::of(router.oneshot(message.request(cut)).await).await;
    let mut wires = locked(wires);
    let (happened, stopped) = {
        let mut plan = fragile_storage::locked(&wires.plan);
        (plan.happened.take(), plan.stopped)
    };
    wires.befell(happened);
    let spent = answer.as_ref().is_some_and(|answer| answer.status == 401);
    if happened.is_some() || spent {
        // What came of a piece just then may be lost; a token may run out under way.
        wires.excuse(message);
    }
    if let Some(answer) = &answer {
        let status = answer.status;
        wires.say(|| format!("  centre answers {status} {} B", answer.body.len()));
    }
    if stopped {
        wires.router = None;
        wires.centre = None;
        return None;
    }
    answer
}

/// A request that was long under way arrives; nobody hears the reply.
pub(crate) async fn stray(wires: SharedWires, message: Message) {
    locked(&wires).excuse(&message);
    let _unheard = deliver(&wires, None, &message, None).await;
}
