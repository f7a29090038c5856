//! One connection of a line: both directions, until an end closes or the line is cut. Invariant: the
//! bytes up to the cut arrive in their order, and none after it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};

use super::count::{Carried, Way};
use super::plan::End;
use super::{Line, State};

/// What a packet carries; a shaped line shares its time in such pieces.
const PACKET: usize = 1_400;
const PIECE: usize = 64 * 1024;

struct Connection {
    line: Arc<Line>,
    number: u64,
    left: std::sync::Mutex<Option<u64>>,
    cut: Notify,
    /// Were the last bytes the office's?
    asked: AtomicBool,
}

enum Due {
    Bytes(Instant, Vec<u8>),
    Cut(Instant),
}

/// Carries a connection to its end.
pub(super) async fn connection(near: TcpStream, line: Arc<Line>) {
    // Opening a connection takes TCP one round trip, before any byte.
    let open_at = Instant::now() + line.plan.shape.one_way * 2;
    let Ok(far) = TcpStream::connect(line.to).await else { return };
    let _best_effort = (near.set_nodelay(true), far.set_nodelay(true));
    let (number, left) = {
        let state = &mut *line.state();
        (state.tally.open(), line.plan.cuts.draw(&mut state.random))
    };
    let connection = Connection {
        line,
        number,
        left: std::sync::Mutex::new(left),
        cut: Notify::new(),
        asked: AtomicBool::new(false),
    };
    sleep_until(open_at).await;
    let (mut near_read, mut near_write) = near.into_split();
    let (mut far_read, mut far_write) = far.into_split();
    let up = connection.carry(&mut near_read, &mut far_write, Way::Up);
    let down = connection.carry(&mut far_read, &mut near_write, Way::Down);
    let broken = tokio::select! {
        ended = async { tokio::try_join!(up, down) } => ended.is_err(),
        () = connection.cut.notified() => connection.line.plan.end == End::Reset,
        () = connection.line.hang_up.notified() => connection.line.plan.end == End::Reset,
    };
    if broken {
        for write in [near_write, far_write] {
            let _best_effort = write.as_ref().set_zero_linger();
            write.forget();
        }
    }
}

impl Connection {
    async fn carry(
        &self,
        from: &mut OwnedReadHalf,
        to: &mut OwnedWriteHalf,
        way: Way,
    ) -> io::Result<()> {
        let (queue, mut due) = mpsc::unbounded_channel();
        let shape = self.line.plan.shape;
        let take = async move {
            let most = if shape.bits_per_second.is_some() { PACKET } else { PIECE };
            let mut buffer = vec![0; most];
            loop {
                let read = from.read(&mut buffer).await?;
                let now = Instant::now();
                let (entered, carried, cut) = self.enter(way, &buffer[..read], now);
                let at = entered + shape.one_way;
                let _receiver_lives = queue.send(Due::Bytes(at, buffer[..carried].to_vec()));
                if cut {
                    let _receiver_lives = queue.send(Due::Cut(at));
                }
                if read == 0 {
                    return Ok(());
                }
                if entered > now {
                    sleep_until(entered).await;
                }
            }
        };
        let give = async {
            while let Some(next) = due.recv().await {
                match next {
                    Due::Bytes(at, bytes) => {
                        until(at).await;
                        to.write_all(&bytes).await?;
                    }
                    Due::Cut(at) => {
                        until(at).await;
                        self.cut.notify_one();
                    }
                }
            }
            to.shutdown().await
        };
        tokio::try_join!(take, give).map(drop)
    }

    /// Lets bytes onto the line: when the last has entered it, how many did, and whether that is
    /// where the line is cut.
    fn enter(&self, way: Way, bytes: &[u8], now: Instant) -> (Instant, usize, bool) {
        let plan = &self.line.plan;
        let state = &mut *self.line.state();
        let (carried, cut) = self.spend(bytes.len(), state);
        let air = match way {
            Way::Up => &mut state.up,
            Way::Down => &mut state.down,
        };
        let entered = air.take(now, carried, plan.shape.bits_per_second);
        if carried > 0 {
            let asks = way == Way::Up;
            let asked = self.asked.swap(asks, Ordering::Relaxed);
            state.tally.carried(way, carried, asked && !asks);
            if plan.capture {
                let bytes = bytes[..carried].to_vec();
                state.tally.captured.push(Carried { connection: self.number, way, bytes });
            }
        }
        (entered, carried, cut)
    }

    fn spend(&self, wanted: usize, state: &mut State) -> (usize, bool) {
        let mut left = self.left.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match *left {
            None => (wanted, false),
            Some(0) => (0, false),
            Some(bytes) if (wanted as u64) < bytes => {
                *left = Some(bytes - wanted as u64);
                (wanted, false)
            }
            Some(_) if !self.line.plan.cuts.goes_on(state.tally.counted.cuts) => {
                *left = None;
                (wanted, false)
            }
            Some(bytes) => {
                *left = Some(0);
                state.tally.counted.cuts += 1;
                (usize::try_from(bytes).unwrap_or(wanted).min(wanted), true)
            }
        }
    }
}

async fn until(at: Instant) {
    if at > Instant::now() {
        sleep_until(at).await;
    }
}
