//! Priority of threads. Those that run calls: a packet goes out when it is due, whatever else the machine computes.
//!
//! The lowest real-time priority where the process may have it (root, CAP_SYS_NICE, `LimitRTPRIO=1` of systemd), else a
//! higher one among the normal; else none, which a machine with idle cores does not notice. Linux keeps real-time threads
//! to 95% of a core, so that even a call that never returned would leave the machine usable.

use thread_priority::ThreadPriority;
use thread_priority::unix::{
    RealtimeThreadSchedulePolicy, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
};

/// Among normal threads.
const NICENESS: i32 = -10;
/// Of threads whose work can wait.
const NICENESS_LOW: i32 = 10;

/// Raises the priority of the calling thread as far as the process may.
pub fn raise() {
    let round_robin = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::RoundRobin);
    if let Err(why) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, round_robin) {
        // On Linux the priority of "this process" is the calling thread's.
        let nice = rustix::process::setpriority_process(None, NICENESS);
        tracing::debug!(?why, ?nice, "no real-time priority for the threads of calls");
    }
}

/// Lowers the priority of the calling thread: speech must not stutter under what it computes.
pub fn lower() {
    if let Err(why) = rustix::process::setpriority_process(None, NICENESS_LOW) {
        tracing::warn!(%why, "a thread keeps its priority");
    }
}
