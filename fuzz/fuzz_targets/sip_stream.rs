//! Any bytes on two connections, cut anywhere, at any times: the agent never panics, what it sends is SIP or a pong, and
//! never on a connection that it closed.
#![no_main]

use std::collections::HashSet;
use std::time::Duration;

use callwright::base::Now;
use callwright::sip::{Agent, AgentConfig, Input, Output, Transport};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let address = "192.0.2.1:5060".parse().expect("address");
    let mut agent = Agent::new(AgentConfig::new(address), 1);
    let (mut now, mut closed) = (Now::default(), HashSet::new());
    let streams = ["192.0.2.2:5060", "192.0.2.2:40000"].map(|source| {
        let (stream, source) = (agent.next_stream_id(), source.parse().expect("address"));
        agent.handle(now, Input::Accepted { stream, transport: Transport::Tcp, source });
        stream
    });
    for (n, bytes) in data.split(|byte| *byte == 0xff).enumerate() {
        agent.handle(now, Input::Bytes { stream: streams[n % 2], bytes });
        now = now.plus(Duration::from_millis(100));
        agent.handle(now, Input::Tick);
        while let Some(output) = agent.poll() {
            match output {
                Output::Bytes { stream, bytes } => {
                    assert!(!closed.contains(&stream));
                    assert!(bytes == b"\r\n" || bytes.windows(7).any(|window| window == b"SIP/2.0"));
                }
                Output::Close { stream } => assert!(closed.insert(stream)),
                Output::Datagram { .. } => panic!("nothing came by UDP"),
                Output::Connect { .. } | Output::Event(_) => {}
            }
        }
    }
});
