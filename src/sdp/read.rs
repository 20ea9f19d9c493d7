//! A description in, `rtc-sdp`'s structure out. `rtc-sdp` wants every mandatory line, in order, and nothing unknown;
//! peers leave out `s=` and `t=`, send `k=`, `b=` and dates in odd places. So only the lines that say where and what
//! the media are go on, behind a head of our own.

use std::io::Cursor;

use rtc_sdp::SessionDescription;

use super::SdpError;

/// Longest description read. Real ones have 200 to 4,000 bytes.
pub(super) const BYTES_MAX: usize = 16 * 1024;
/// Most `m=` lines read.
const STREAMS_MAX: usize = 32;

/// Parses leniently.
pub(super) fn read(body: &[u8]) -> Result<SessionDescription, SdpError> {
    if body.len() > BYTES_MAX {
        return Err(SdpError::TooLong { bytes: body.len() });
    }
    let text = normalised(&String::from_utf8_lossy(body))?;
    SessionDescription::unmarshal(&mut Cursor::new(text)).map_err(|error| SdpError::Syntax { why: error.to_string() })
}

fn normalised(text: &str) -> Result<String, SdpError> {
    let lines: Vec<&str> = text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.first() != Some(&"v=0") {
        return Err(SdpError::Syntax { why: "does not begin with v=0".to_owned() });
    }
    let media_at = lines.iter().position(|line| line.starts_with("m=")).unwrap_or(lines.len());
    let (session, media) = lines.split_at(media_at);
    if media.iter().filter(|line| line.starts_with("m=")).count() > STREAMS_MAX {
        return Err(SdpError::Syntax { why: format!("more than {STREAMS_MAX} streams") });
    }
    let of_kind = |lines: &[&str], kind: &str| -> String {
        lines.iter().filter(|line| line.starts_with(kind)).flat_map(|line| [*line, "\r\n"]).collect()
    };
    let connection = session.iter().find(|line| line.starts_with("c=")).map_or(&[][..], std::slice::from_ref);
    let mut normal = String::from("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\n");
    normal += &of_kind(connection, "c=");
    normal += "t=0 0\r\n";
    normal += &of_kind(session, "a=");
    for line in media.iter().filter(|line| ["m=", "c=", "a="].iter().any(|kind| line.starts_with(kind))) {
        normal.extend([*line, "\r\n"]);
    }
    Ok(normal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn missing_and_unknown_lines_are_forgiven() {
        let sdp = read(
            b"v=0\no=x\nk=clear:x\nb=TIAS:?\na=tool:y\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\nk=prompt\nb=RR\n",
        );
        assert_eq!(sdp.unwrap().media_descriptions[0].media_name.port.value, 4000);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&body);
        }

        #[test]
        fn any_lines_are_read_or_refused(lines in proptest::collection::vec("[mcaokvt]=[ -~]{0,30}", 0..20)) {
            let _ = read(format!("v=0\r\n{}", lines.join("\r\n")).as_bytes());
        }
    }
}
