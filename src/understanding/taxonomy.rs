//! The taxonomy as types: the 66 actions of a customer and the 7 scenes they belong to. `models/taxonomy.toml` is the
//! source that models, reports and acceptance tests share; a test holds this file to it.

use serde::{Deserialize, Serialize};

/// Declares [`Action`] scene by scene: variant, stable id, meaning.
macro_rules! taxonomy {
    ($($scene:ident { $($action:ident $id:literal $doc:literal,)+ })+) => {
        /// What a customer means by one utterance.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Action {
            $($(#[doc = $doc] $action,)+)+
        }

        impl Action {
            /// Every action in the order of the taxonomy; `action as usize` is its index here.
            pub const ALL: &[Self] = &[$($(Self::$action,)+)+];

            /// The stable id.
            pub const fn id(self) -> &'static str {
                match self {
                    $($(Self::$action => $id,)+)+
                }
            }

            /// The part of a call the action belongs to.
            pub const fn scene(self) -> Scene {
                match self {
                    $($(Self::$action)|+ => Scene::$scene,)+
                }
            }
        }
    };
}

taxonomy! {
    Open {
        Greet "greet" "Greets, answers the phone.",
        AskIdentity "ask_identity" "Asks who is calling, which company.",
        WrongNumber "wrong_number" "Says it is the wrong number.",
        NotSelf "not_self" "Says the person asked for is somebody else.",
    }
    Present {
        AskPrice "ask_price" "Asks what it costs.",
        AskFeatures "ask_features" "Asks what it is, what it includes, how it works.",
        AskPromotion "ask_promotion" "Asks about offers and their conditions.",
        AskProcess "ask_process" "Asks how to sign up, what to do, which papers are needed.",
        AskTime "ask_time" "Asks how long it takes, when it starts or ends, opening hours.",
        AskLocation "ask_location" "Asks where.",
        AskComparison "ask_comparison" "Asks how it differs from another plan or supplier, neutrally.",
        AskEligibility "ask_eligibility" "Asks whether they qualify.",
    }
    Needs {
        InformWho "inform_who" "Says for whom, how many people.",
        InformWhat "inform_what" "Says what they want or use today.",
        InformWhen "inform_when" "Says when.",
        InformWhere "inform_where" "Says where.",
        InformWhy "inform_why" "Says why, which problem.",
        InformHow "inform_how" "Says how much they can spend, or by which way.",
    }
    Objection {
        ObjPrice "obj_price" "Too expensive.",
        ObjBudget "obj_budget" "Has no money for it now.",
        ObjDiscount "obj_discount" "Demands a discount or a gift.",
        ObjCompetitor "obj_competitor" "A rival is cheaper or better.",
        ObjHiddenFee "obj_hidden_fee" "Fears hidden charges.",
        ObjPaymentTerms "obj_payment_terms" "Dislikes the payment terms.",
        ObjNoNeed "obj_no_need" "No need, not interested.",
        ObjHaveAlready "obj_have_already" "Has one already.",
        ObjNoUse "obj_no_use" "Would not get to use it.",
        ObjMissingFeature "obj_missing_feature" "It lacks something they need.",
        ObjComplex "obj_complex" "Too complicated, too much trouble.",
        ObjDoubtResult "obj_doubt_result" "Doubts that it works.",
        ObjQuality "obj_quality" "Doubts the quality.",
        ObjBusy "obj_busy" "Busy just now.",
        ObjThink "obj_think" "Wants to think about it.",
        ObjLater "obj_later" "Some other time, no date given.",
        ObjDriving "obj_driving" "Driving or in a meeting.",
        ObjSendInfo "obj_send_info" "Send me something to read.",
        ObjScam "obj_scam" "Takes it for a fraud.",
        ObjUnknownBrand "obj_unknown_brand" "Never heard of the company.",
        ObjDataSource "obj_data_source" "How did you get my number.",
        ObjBot "obj_bot" "Are you a robot.",
        ObjBadHistory "obj_bad_history" "Had a bad experience with the company.",
        ObjAfterSales "obj_after_sales" "Worries about service afterwards, refunds.",
        ObjConsultOthers "obj_consult_others" "Must ask family, a partner, a boss.",
        ObjNotDecider "obj_not_decider" "Is not the one who decides.",
        ObjLockedIn "obj_locked_in" "Bound by a contract elsewhere.",
        ObjStopCalling "obj_stop_calling" "Do not call again: an opt-out, binding at once.",
    }
    Close {
        Accept "accept" "Agrees to buy, sign up or take the trial.",
        AskFinalPrice "ask_final_price" "Asks the price all in, the deposit, instalments: about to buy.",
        AskDelivery "ask_delivery" "Asks about delivery, installation, contract, invoice.",
        Book "book" "Wants an appointment or a visit, with or without a time.",
        Callback "callback" "Asks to be called back at a stated time.",
        GiveContact "give_contact" "Gives or asks for WeChat, phone, email.",
    }
    Service {
        Complain "complain" "Complains, threatens to report.",
        RequestHuman "request_human" "Asks for a person.",
        Cancel "cancel" "Wants to cancel or return what they have.",
        PrivacyRequest "privacy_request" "Asks to see, correct or delete their data, or withdraws consent.",
    }
    Control {
        Affirm "affirm" "Yes, right, can do.",
        Deny "deny" "No, not so: an answer, not a refusal to talk.",
        Backchannel "backchannel" "Mm, uh-huh, go on: leaves the floor with the agent.",
        HoldOn "hold_on" "Wait a moment.",
        Repeat "repeat" "Say that again, speak slower or louder.",
        Thanks "thanks" "Thanks.",
        Goodbye "goodbye" "Goodbye, hangs up.",
        Abuse "abuse" "Swears at the agent.",
        Machine "machine" "An announcement, voicemail or call-screening assistant is speaking.",
        OutOfScope "out_of_scope" "Anything that is none of these.",
    }
}

impl Action {
    /// The action of a stable id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.id() == id)
    }
}

/// The part of a call an action belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scene {
    /// Who is there, who is calling.
    Open,
    /// Questions about the offer.
    Present,
    /// 5W1H: what the customer tells of their need.
    Needs,
    /// The 28 objections.
    Objection,
    /// Buying signals.
    Close,
    /// Complaints, people, cancellation, privacy.
    Service,
    /// Yes, no, again, wait, goodbye.
    Control,
}

impl Scene {
    /// Every scene in the order of the taxonomy.
    pub const ALL: [Self; 7] =
        [Self::Open, Self::Present, Self::Needs, Self::Objection, Self::Close, Self::Service, Self::Control];

    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Present => "present",
            Self::Needs => "needs",
            Self::Objection => "objection",
            Self::Close => "close",
            Self::Service => "service",
            Self::Control => "control",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Taxonomy {
        scenes: Vec<Scene>,
        action: Vec<Row>,
    }

    #[derive(Deserialize)]
    struct Row {
        id: String,
        scene: Scene,
    }

    #[test]
    fn the_types_are_exactly_the_taxonomy_file() {
        let file: Taxonomy = toml::from_str(include_str!("../../models/taxonomy.toml")).unwrap();
        let rows: Vec<_> = file.action.iter().map(|row| (row.id.as_str(), row.scene)).collect();
        let types: Vec<_> = Action::ALL.iter().map(|action| (action.id(), action.scene())).collect();
        assert_eq!(types, rows);
        assert_eq!(file.scenes, Scene::ALL);
    }

    #[test]
    fn an_action_is_found_by_the_id_it_is_serialised_as() {
        for (index, &action) in Action::ALL.iter().enumerate() {
            assert_eq!(action as usize, index);
            assert_eq!(Action::from_id(action.id()), Some(action));
            assert_eq!(serde_json::to_value(action).unwrap(), action.id());
        }
        for scene in Scene::ALL {
            assert_eq!(serde_json::to_value(scene).unwrap(), scene.id());
        }
        assert_eq!(Action::from_id("buy"), None);
    }
}
