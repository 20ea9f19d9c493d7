//! The media of a call: packets and keys in, one frame out each 20 ms.

use std::net::SocketAddr;
use std::time::Duration;

use crate::audio::Frame8k;
use crate::base::{Now, Redacted};
use crate::conversation::Heard;
use crate::hearing::tones::Tone;
use crate::rtp;
use crate::sdp;
use crate::sip;

use super::event::{EndReason, Event};
use super::io::{Output, Packet, Port};
use super::keys::{INFO_TYPE, Way, info_of_key, key_of_info};
use super::machine::{Call, Phase};
use super::turn::Caller;

const FRAME: Duration = Duration::from_millis(20);
/// After a stall at most this many frames are made up for at once; the rest is skipped.
const FRAMES_CAUGHT_UP_MAX: u32 = 10;

impl Call {
    /// What an offer and its answer agreed on.
    pub(super) fn set_media(&mut self, now: Now, media: sdp::Media) {
        if let Some(before) = self.media {
            if before.direction != media.direction {
                self.event(now, Event::Held { direction: media.direction.name() });
                self.media_seen = now.instant;
                if let Phase::Listening { quiet_since } = &mut self.phase {
                    *quiet_since = now.instant; // nobody could be heard meanwhile
                }
            }
            if (before.payload_type, before.law, before.remote) != (media.payload_type, media.law, media.remote) {
                self.event(now, Event::MediaChanged { codec: media.law.name() });
            }
        }
        match &mut self.rtp {
            Some(session) => session.update(now, &media),
            None => {
                let config = rtp::SessionConfig { media, latching: rtp::Latching::Symmetric };
                self.rtp = Some(rtp::Session::new(config, self.seed));
            }
        }
        self.media = Some(media);
    }

    pub(super) fn on_packet(&mut self, now: Now, source: SocketAddr, bytes: &[u8]) {
        let Some(session) = &mut self.rtp else { return };
        match session.receive(now, source, bytes) {
            rtp::Received::Media | rtp::Received::Control => self.media_seen = now.instant,
            rtp::Received::Key(key) => {
                self.media_seen = now.instant;
                self.on_key(now, key, Way::Media);
            }
            rtp::Received::Dropped(_) => {} // counted by the session
        }
    }

    pub(super) fn on_info(&mut self, now: Now, content_type: &str, body: &[u8]) {
        if let Some(key) = key_of_info(content_type, body) {
            self.on_key(now, key, Way::Signalling);
        }
    }

    fn on_key(&mut self, now: Now, key: char, way: Way) {
        if matches!(self.phase, Phase::SettingUp) || !self.presses.is_new(now, key, way) {
            return; // before the ACK nothing was asked yet
        }
        self.event(now, Event::Key { key });
        let mut conversation = self.conversation.clone();
        let reply = conversation.hear(Heard::Key(key));
        if reply.say.is_empty() && reply.actions.is_empty() {
            return; // a key without meaning stops nothing
        }
        self.conversation = conversation;
        self.playout.stop();
        self.hearing.supersede();
        self.hearing.unanswered = None;
        if let Caller::Waiting(_) = self.hearing.caller {
            self.hearing.caller = Caller::Quiet; // the key is the later word
        }
        let saying = self.saying(self.hearing.turn, reply);
        self.speak(now, saying, Some(now.instant));
    }

    /// Presses a key on their side: as telephone events, or by INFO if they take none.
    pub(super) fn press(&mut self, now: Now, key: char) {
        let Some(session) = self.rtp.as_mut().filter(|_| !matches!(self.phase, Phase::SettingUp)) else { return };
        match session.press(key) {
            Ok(()) => {}
            Err(rtp::KeyError::NotNegotiated) => {
                let (dialog, body) = (self.dialog, Redacted::new(info_of_key(key)));
                self.sip(sip::Command::Info { dialog, content_type: INFO_TYPE, body });
            }
            Err(why @ (rtp::KeyError::NotAKey(_) | rtp::KeyError::TooMany)) => {
                return tracing::warn!(call = %self.id, %why, "key not sent");
            }
        }
        self.event(now, Event::KeySent { key });
    }

    pub(super) fn on_tick(&mut self, now: Now) {
        let mut frames = 0;
        while let Some(at) = self.frame_at.filter(|at| *at <= now.instant) {
            if frames == FRAMES_CAUGHT_UP_MAX {
                // The beat keeps its time, and the timestamps theirs.
                let skipped = (now.instant.since(at).as_micros() / FRAME.as_micros()) as u32 + 1;
                self.frame_at = Some(at + FRAME * skipped);
                if let Some(session) = &mut self.rtp {
                    session.skip(skipped);
                }
                break;
            }
            frames += 1;
            self.frame_at = Some(at + FRAME);
            self.on_frame(now);
        }
    }

    fn on_frame(&mut self, now: Now) {
        let Some(direction) = self.media.as_ref().map(|media| media.direction) else { return };
        if let Some(session) = &mut self.rtp {
            let played = session.playout(now);
            let tone = self.tones.hear(&played.frame);
            // What comes while we are on hold is music, not the caller.
            if direction == sdp::Direction::SendRecv
                && let Some(heard) = self.detector.hear(&played.frame)
            {
                self.on_ear(now, heard);
            }
            self.on_tone(now, tone);
        }
        self.check_limits(now, direction);
        if matches!(self.phase, Phase::Ended) {
            return;
        }
        if direction.sends() {
            let frame = self.next_frame(now);
            self.send(&frame);
        } else if let Some(session) = &mut self.rtp {
            session.skip(1);
        }
        self.report(|session| session.control(now));
        if let Phase::Closing { frames_left: 0 } = self.phase {
            self.hang_up(now, EndReason::AgentHungUp);
        }
    }

    /// Told once a signal, when it is recognised. A key is only named: who presses one sends an event too, or has none.
    fn on_tone(&mut self, now: Now, tone: Option<Tone>) {
        let Some(tone) = tone.filter(|tone| self.tone_from_ms != Some(tone.from_ms)) else { return };
        self.tone_from_ms = Some(tone.from_ms);
        self.event(now, Event::Tone(tone));
    }

    fn send(&mut self, frame: &Frame8k) {
        if let Some(session) = &mut self.rtp {
            let destination = session.remote();
            let packet = Packet::new(session.send(frame));
            self.outputs.push_back(Output::Packet { from: Port::Rtp, destination, packet });
        }
    }

    /// The last RTCP packet.
    pub(super) fn say_goodbye(&mut self, now: Now) {
        self.report(|session| session.farewell(now));
    }

    fn report(&mut self, make: impl FnOnce(&mut rtp::Session) -> Option<Vec<u8>>) {
        let (Some(session), Some(media)) = (&mut self.rtp, &self.media) else { return };
        if let Some(report) = make(session) {
            let from = if media.is_muxed() { Port::Rtp } else { Port::Rtcp };
            let (destination, packet) = (session.remote_rtcp(), Packet::new(&report));
            self.outputs.push_back(Output::Packet { from, destination, packet });
        }
    }
}
