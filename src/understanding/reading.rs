//! What the text model reads in a text: probabilities in, decisions out. Where a mistake costs more one way than the other,
//! a threshold decides and not the likeliest class; the model carries its thresholds, chosen on its development lines.

use super::{Action, Announcement, AnnouncementGuess, Completeness, Emotion, Feeling, Intent};
use crate::compliance::{Rank, Suspicion, Violation};

/// Another class of violation is told as well from this share of the likeliest one's probability on.
const SECOND_SHARE: f32 = 0.3;

/// How words end, as the model tells it (domain §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A whole utterance.
    Complete,
    /// More must come.
    Incomplete,
    /// A nod, no turn.
    Backchannel,
    /// The speaker asks for a moment.
    Wait,
}

impl Ending {
    /// In the order of the model's classes.
    pub const ALL: [Self; 4] = [Self::Complete, Self::Incomplete, Self::Backchannel, Self::Wait];

    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Backchannel => "backchannel",
            Self::Wait => "wait",
        }
    }
}

/// What is asked of a text. Each has its classes, in the order of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// What a customer means.
    Action,
    /// How an agent's words offend, or not at all.
    Violation,
    /// How a customer feels.
    Emotion,
    /// What answers a call.
    Announcement,
    /// How the words end.
    Completeness,
}

impl Head {
    /// In the order of the model's output.
    pub const ALL: [Self; 5] = [Self::Action, Self::Violation, Self::Emotion, Self::Announcement, Self::Completeness];

    /// The name in the model's metadata.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Violation => "violation",
            Self::Emotion => "emotion",
            Self::Announcement => "announcement",
            Self::Completeness => "completeness",
        }
    }

    /// The ids of its classes, in order.
    pub fn classes(self) -> Vec<&'static str> {
        match self {
            Self::Action => Action::ALL.iter().map(|action| action.id()).collect(),
            Self::Violation => std::iter::once("none").chain(Violation::ALL.iter().map(|class| class.id())).collect(),
            Self::Emotion => Emotion::ALL.iter().map(|emotion| emotion.id()).collect(),
            Self::Announcement => Announcement::ALL.iter().map(|class| class.id()).collect(),
            Self::Completeness => Ending::ALL.iter().map(|ending| ending.id()).collect(),
        }
    }
}

/// From which probability on a class is taken, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// `obj_stop_calling`, low: an opt-out must not be missed (rule C2).
    pub stop_calling: f32,
    /// `request_human`, low.
    pub request_human: f32,
    /// `accept`, high: nobody buys by mistake.
    pub accept: f32,
    /// Any violation at all, by the likeliest class, in the order of [`Violation::ALL`].
    pub violation: [f32; Violation::ALL.len()],
    /// The same where a cue stands in the text; at most as high.
    pub violation_cued: [f32; Violation::ALL.len()],
    /// An emotion.
    pub emotion: f32,
    /// Anything on the line but a person.
    pub announcement: f32,
    /// A person on the line.
    pub person: f32,
}

impl Thresholds {
    /// The thresholds of a model by their names, `None` if one is missing or no probability. A class of violation has one of
    /// its own, `violation.CLASS`, where it differs; a model from before cues has none for them.
    pub fn read(named: impl Fn(&str) -> Option<f32>) -> Option<Self> {
        let get = |name: &str| named(name).filter(|value| (0.0..=1.0).contains(value));
        let violation = get("violation")?;
        let of_classes =
            |name: &str, all: f32| Violation::ALL.map(|class| get(&format!("{name}.{}", class.id())).unwrap_or(all));
        Some(Self {
            stop_calling: get("obj_stop_calling")?,
            request_human: get("request_human")?,
            accept: get("accept")?,
            violation: of_classes("violation", violation),
            violation_cued: of_classes("violation_cued", get("violation_cued").unwrap_or(violation)),
            emotion: get("emotion")?,
            announcement: get("announcement")?,
            person: get("person")?,
        })
    }
}

/// What the model reads in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// What a customer means by it.
    pub intent: Intent,
    /// Which violating speech the model suspects, if any.
    pub violation: Option<Suspicion>,
    /// How its speaker feels, if the model is sure.
    pub emotion: Option<Emotion>,
    /// The probabilities of [`Emotion::ALL`] by the words.
    pub emotions: [f32; 5],
    /// How its speaker feels by the voice too, if it was heard.
    pub feeling: Option<Feeling>,
    /// What answers a call with it, if the model is sure.
    pub announcement: Option<AnnouncementGuess>,
    /// Whether more must come.
    pub completeness: Completeness,
}

impl Reading {
    /// The reading of who knows an intent and nothing else.
    pub const fn of(intent: Intent) -> Self {
        Self {
            intent,
            violation: None,
            emotion: None,
            emotions: [0.2; 5],
            feeling: None,
            announcement: None,
            completeness: Completeness::UNKNOWN,
        }
    }

    /// Decides by the probabilities of every head's classes, one after the other in the order of [`Head::ALL`]; `None`
    /// when there are not as many.
    pub fn decide(probabilities: &[f32], thresholds: &Thresholds) -> Option<Self> {
        let mut rest = probabilities;
        let mut head = |classes: usize| rest.split_off(..classes);
        let (actions, violations) = (head(Action::ALL.len())?, head(1 + Violation::ALL.len())?);
        let (emotions, announcements) = (head(Emotion::ALL.len())?, head(Announcement::ALL.len())?);
        let endings = head(Ending::ALL.len())?;
        rest.is_empty().then_some(Self {
            intent: intent(actions, thresholds)?,
            violation: violation(violations, thresholds),
            emotion: likeliest(&Emotion::ALL, emotions)
                .filter(|(_, sure)| *sure >= thresholds.emotion)
                .map(|(emotion, _)| emotion),
            emotions: emotions.try_into().ok()?,
            feeling: None,
            announcement: announcement(announcements, thresholds),
            completeness: completeness(endings)?,
        })
    }
}

/// The class of the highest probability.
fn likeliest<T: Copy>(classes: &[T], probabilities: &[f32]) -> Option<(T, f32)> {
    let pairs = classes.iter().copied().zip(probabilities.iter().copied());
    pairs.max_by(|a, b| a.1.total_cmp(&b.1))
}

fn intent(probabilities: &[f32], thresholds: &Thresholds) -> Option<Intent> {
    let of = |action: Action| probabilities.get(action as usize).copied().unwrap_or_default();
    let binding = [(Action::ObjStopCalling, thresholds.stop_calling), (Action::RequestHuman, thresholds.request_human)];
    if let Some((action, _)) = binding.into_iter().find(|(action, least)| of(*action) >= *least) {
        return Some(Intent { action, confidence: of(action) });
    }
    let timid = |action: Action| action == Action::Accept && of(action) < thresholds.accept;
    let open: Vec<Action> = Action::ALL.iter().copied().filter(|action| !timid(*action)).collect();
    let sure: Vec<f32> = open.iter().map(|action| of(*action)).collect();
    likeliest(&open, &sure).map(|(action, confidence)| Intent { action, confidence })
}

fn violation(probabilities: &[f32], thresholds: &Thresholds) -> Option<Suspicion> {
    let (none, classes) = probabilities.split_first()?;
    let (class, likely) = likeliest(&Violation::ALL, classes)?;
    let others: Vec<Violation> = Violation::ALL.into_iter().filter(|other| *other != class).collect();
    let shares: Vec<f32> = others.iter().filter_map(|other| classes.get(*other as usize)).copied().collect();
    let second = likeliest(&others, &shares).filter(|(_, share)| *share >= SECOND_SHARE * likely);
    let (offence, at) = (1.0 - none, class as usize);
    let rank = if offence >= thresholds.violation[at] {
        Rank::Certain
    } else if offence >= thresholds.violation_cued[at] {
        Rank::Cue
    } else {
        return None;
    };
    Some(Suspicion { class, second: second.map(|(class, _)| class), rank })
}

fn announcement(probabilities: &[f32], thresholds: &Thresholds) -> Option<AnnouncementGuess> {
    let machines = probabilities.get(..Announcement::Human as usize)?;
    let human = probabilities.get(Announcement::Human as usize).copied()?;
    if human >= thresholds.person {
        return Some(AnnouncementGuess { announcement: Announcement::Human, confidence: human });
    }
    let (announcement, _) = likeliest(&Announcement::ALL, machines)?;
    let confidence = 1.0 - human;
    (confidence >= thresholds.announcement).then_some(AnnouncementGuess { announcement, confidence })
}

fn completeness(probabilities: &[f32]) -> Option<Completeness> {
    let of = |ending: Ending| probabilities.get(ending as usize).copied();
    Some(Completeness {
        complete: of(Ending::Complete)?,
        incomplete: of(Ending::Incomplete)?,
        backchannel: of(Ending::Backchannel)?,
        wait: of(Ending::Wait)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLDS: Thresholds = Thresholds {
        stop_calling: 0.2,
        request_human: 0.3,
        accept: 0.6,
        violation: [0.5; Violation::ALL.len()],
        violation_cued: [0.3; Violation::ALL.len()],
        emotion: 0.5,
        announcement: 0.9,
        person: 0.8,
    };

    /// A person says something innocent and calm, and these are as likely as given.
    fn read(likely: &[(Head, &str, f32)]) -> Reading {
        let mut probabilities = Vec::new();
        for head in Head::ALL {
            let classes = head.classes();
            let given = |id: &str| likely.iter().find(|row| row.0 == head && row.1 == id).map(|row| row.2);
            let rest = 1.0 - likely.iter().filter(|row| row.0 == head).map(|row| row.2).sum::<f32>();
            let default = ["out_of_scope", "none", "calm", "human", "wait"];
            probabilities
                .extend(classes.iter().map(|id| given(id).unwrap_or(if default.contains(id) { rest } else { 0.0 })));
        }
        Reading::decide(&probabilities, &THRESHOLDS).expect("as many as there are classes")
    }

    fn action(likely: &[(Head, &str, f32)]) -> Action {
        read(likely).intent.action
    }

    #[test]
    fn an_opt_out_and_a_wish_for_a_person_need_not_be_likeliest() {
        let (stop, human) = ((Head::Action, "obj_stop_calling", 0.25), (Head::Action, "request_human", 0.35));
        assert_eq!(action(&[stop, (Head::Action, "obj_no_need", 0.7)]), Action::ObjStopCalling);
        assert_eq!(action(&[human, (Head::Action, "complain", 0.6)]), Action::RequestHuman);
        assert_eq!(action(&[human, stop]), Action::ObjStopCalling);
        assert_eq!(
            action(&[(Head::Action, "obj_stop_calling", 0.1), (Head::Action, "obj_busy", 0.6)]),
            Action::ObjBusy
        );
    }

    #[test]
    fn who_may_mean_something_else_accepts_nothing() {
        let affirm = (Head::Action, "affirm", 0.4);
        assert_eq!(action(&[(Head::Action, "accept", 0.55), affirm]), Action::Affirm);
        assert_eq!(action(&[(Head::Action, "accept", 0.65), (Head::Action, "affirm", 0.3)]), Action::Accept);
    }

    #[test]
    fn a_violation_is_told_by_the_chance_of_any_class() {
        let two = [(Head::Violation, "threat", 0.3), (Head::Violation, "insult", 0.25)];
        let (threat, insult) = (Violation::Threat, Some(Violation::Insult));
        assert_eq!(read(&two).violation, Some(Suspicion { class: threat, second: insult, rank: Rank::Certain }));
        let with_a_cue = Some(Suspicion { class: threat, second: None, rank: Rank::Cue });
        assert_eq!(read(&[(Head::Violation, "threat", 0.35)]).violation, with_a_cue);
        assert_eq!(read(&[(Head::Violation, "threat", 0.25)]).violation, None);
    }

    #[test]
    fn a_class_has_its_own_threshold_where_the_model_names_one() {
        let named = |name: &str| match name {
            "violation.threat" => Some(0.9),
            "violation.insult" => Some(7.0),
            name if name.starts_with("violation.") || name.starts_with("violation_cued") => None,
            _ => Some(0.5),
        };
        let thresholds = Thresholds::read(named).expect("all that must be there");
        let (threat, insult) = (Violation::Threat as usize, Violation::Insult as usize);
        assert_eq!((thresholds.violation[threat], thresholds.violation[insult]), (0.9, 0.5));
        assert_eq!(thresholds.violation_cued[threat], 0.5);
    }

    #[test]
    fn a_person_is_not_taken_for_a_machine_on_a_guess() {
        let off = |likely| read(&[(Head::Announcement, "off", likely)]).announcement.map(|guess| guess.announcement);
        assert_eq!((off(0.1), off(0.8), off(0.95)), (Some(Announcement::Human), None, Some(Announcement::Off)));
    }

    #[test]
    fn a_moment_asked_for_is_neither_complete_nor_incomplete() {
        let ending = read(&[(Head::Completeness, "incomplete", 0.75)]).completeness;
        assert_eq!((ending.complete, ending.incomplete, ending.backchannel, ending.wait), (0.0, 0.75, 0.0, 0.25));
    }

    #[test]
    fn probabilities_of_another_model_decide_nothing() {
        assert_eq!(Reading::decide(&[0.5; 97], &THRESHOLDS), None);
        assert_eq!(Reading::decide(&[0.5; 99], &THRESHOLDS), None);
    }
}
