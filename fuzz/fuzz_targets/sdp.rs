//! Any description: answered or refused, never a panic; our own answer is one that we accept.
#![no_main]

use callwright::sdp::{Local, accept, answer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let local = Local { address: [192, 0, 2, 1].into(), rtp_port: 20_000, session_id: 1, version: 1 };
    if let Ok((ours, _)) = answer(data, &local) {
        assert!(accept(&ours).is_ok());
    }
    let _ = accept(data);
});
