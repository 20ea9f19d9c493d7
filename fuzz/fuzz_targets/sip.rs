//! Any datagrams, any times: the agent never panics and what it sends is SIP that it reads itself.
#![no_main]

use std::time::Duration;

use callwright::base::Now;
use callwright::sip::{Agent, AgentConfig, Input, Output};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let address = "192.0.2.1:5060".parse().expect("address");
    let source = "192.0.2.2:5060".parse().expect("address");
    let mut agent = Agent::new(AgentConfig::new(address), 1);
    let mut now = Now::default();
    for bytes in data.split(|byte| *byte == 0xff) {
        agent.handle(now, Input::Datagram { source, bytes });
        now = now.plus(Duration::from_millis(100));
        agent.handle(now, Input::Tick);
        while let Some(output) = agent.poll() {
            if let Output::Datagram { bytes, .. } = output {
                assert!(bytes.windows(7).any(|window| window == b"SIP/2.0"));
            }
        }
    }
});
