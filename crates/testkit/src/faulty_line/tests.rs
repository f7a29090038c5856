use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::*;

/// Reads what comes until its end, tells it, and answers with as many zeros as the first byte says.
async fn far_end() -> (SocketAddr, mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let tell = tell.clone();
            tokio::spawn(async move {
                let (mut all, mut buffer) = (Vec::new(), [0; 512]);
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    if all.is_empty() {
                        let _gone = stream.write_all(&vec![0; buffer[0].into()]).await;
                    }
                    all.extend_from_slice(&buffer[..read]);
                }
                tell.send(all).unwrap();
            });
        }
    });
    (address, told)
}

/// Sends, closes, and reads until the end, whatever that is.
async fn converse(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _cut = stream.write_all(bytes).await;
    let _cut = stream.shutdown().await;
    let mut answer = Vec::new();
    let _cut = stream.read_to_end(&mut answer).await;
    answer
}

#[tokio::test]
async fn a_good_line_carries_and_counts_every_byte() {
    let (far, mut told) = far_end().await;
    let plan = Plan { capture: true, ..Plan::default() };
    let line = FaultyLine::start(far, plan).await.unwrap();
    let sent: Vec<u8> = (0..200_000_u32).map(|byte| byte.to_be_bytes()[3] | 8).collect();
    assert_eq!(converse(line.address(), &sent).await, [0; 8]);
    assert_eq!(told.recv().await.unwrap(), sent);
    let counted = line.counted();
    assert_eq!((counted.up_bytes, counted.down_bytes, counted.connections), (200_000, 8, 1));
    assert_eq!((counted.round_trips, counted.cuts), (1, 0));
    let up = line.captured().into_iter().filter(|piece| piece.way == Way::Up);
    assert_eq!(up.flat_map(|piece| piece.bytes).collect::<Vec<_>>(), sent);
    line.count_anew();
    assert_eq!(line.counted(), Counted::default());
    assert!(line.captured().is_empty());
}

#[tokio::test]
async fn a_cut_is_at_its_byte_both_directions_counted_together() {
    for end in [End::Close, End::Reset] {
        let (far, mut told) = far_end().await;
        let plan = Plan { cuts: Cuts::Every { bytes: 1_000 }, end, ..Plan::default() };
        let line = FaultyLine::start(far, plan).await.unwrap();
        for cuts in 1..=20 {
            let _answer = converse(line.address(), &[100; 5_000]).await;
            assert!(told.recv().await.unwrap().len() <= 1_000);
            assert_eq!(line.counted().cuts, cuts);
        }
        assert_eq!(line.counted().bytes(), 20 * 1_000, "{end:?}");
    }
}

#[tokio::test]
async fn random_cuts_follow_the_seed_and_come_to_an_end() {
    let mut lengths = Vec::new();
    for seed in [1, 1, 2] {
        let (far, mut told) = far_end().await;
        let cuts = Cuts::AtRandom { seed, most_bytes: 300, cuts: 10 };
        let line = FaultyLine::start(far, Plan { cuts, ..Plan::default() }).await.unwrap();
        let mut arrived = Vec::new();
        for _ in 0..12 {
            let _answer = converse(line.address(), &[0; 2_000]).await;
            arrived.push(told.recv().await.unwrap().len());
        }
        assert_eq!(line.counted().cuts, 10);
        assert_eq!(arrived[10..], [2_000, 2_000]);
        lengths.push(arrived);
    }
    assert_eq!(lengths[0], lengths[1]);
    assert_ne!(lengths[0], lengths[2]);
}
