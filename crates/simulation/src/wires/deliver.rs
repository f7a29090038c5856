//! The far end of a line: the centre's, or a hub's.

use std::sync::{Arc, Mutex, PoisonError};

use tower::ServiceExt as _;

use super::fate::document_of;
use super::{Answer, Message, Place, SharedWires, locked};
use crate::coverage::Seen;
use crate::fragile_storage;

/// Hands a request, or the beginning of one, to the centre; none when nothing is answered.
pub(super) async fn deliver(
    wires: &SharedWires,
    number: Option<usize>,
    message: &Message,
    cut: Option<usize>,
) -> Option<Answer> {
    if let Place::Hub(hub) = message.to {
        return to_hub(wires, hub, message, cut).await;
    }
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
    if message.path.starts_with("/courier/v1/files") {
        wires.note_what_the_centre_took();
    }
    if stopped {
        wires.router = None;
        wires.centre = None;
        return None;
    }
    answer
}

async fn to_hub(
    wires: &SharedWires,
    hub: usize,
    message: &Message,
    cut: Option<usize>,
) -> Option<Answer> {
    let router = {
        let mut wires = locked(wires);
        let router = wires.hubs[hub].router.clone()?;
        wires.arm_hub(hub);
        router
    };
    let answer = Answer::of(router.oneshot(message.request(cut)).await).await;
    let mut wires = locked(wires);
    if let Some(answer) = &answer {
        let status = answer.status;
        wires.say(|| format!("  hub {hub} answers {status} {} B", answer.body.len()));
        if status == 200 && message.path.starts_with("/courier/v1/answers") {
            wires.saw(Seen::HubAnswerRead);
        }
    }
    if wires.hub_fell(hub) {
        wires.hubs[hub].router = None;
        return None;
    }
    answer
}

/// The request before, that somebody on the way has kept, is still being answered when this one
/// comes; its own answer is heard by nobody.
pub(super) async fn overtaking(
    wires: &SharedWires,
    number: usize,
    message: &Message,
    earlier: &Message,
) -> Option<Answer> {
    let heard = Arc::new(Mutex::new(None));
    let meanwhile = {
        let (wires, message, heard) = (wires.clone(), message.clone(), heard.clone());
        async move {
            let answer = deliver(&wires, Some(number), &message, None).await;
            *heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        }
    };
    {
        let wires = locked(wires);
        fragile_storage::locked(&wires.plan).meanwhile = Some((0, Box::pin(meanwhile)));
    }
    let _unheard = Box::pin(deliver(wires, None, earlier, None)).await;
    {
        let wires = locked(wires);
        fragile_storage::locked(&wires.plan).meanwhile = None;
    }
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner).take();
    match heard {
        Some(answer) => answer,
        // The one before never got so far.
        None => Box::pin(deliver(wires, Some(number), message, None)).await,
    }
}

/// A request that nothing befalls on its way.
pub(crate) async fn answer_to(wires: &SharedWires, message: Message) -> Option<Answer> {
    deliver(wires, None, &message, None).await
}

/// A request that was long under way arrives; nobody hears the reply.
pub(crate) async fn stray(wires: SharedWires, message: Message) {
    locked(&wires).excuse(&message);
    let _unheard = deliver(&wires, None, &message, None).await;
}
