//! Which states and ends a call can come to, and whether it comes out of each state again.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Problem;
use super::campaign::{Answer, Campaign, EndId, State, StateId, Target};
use super::file::CampaignFile;
use super::source::Problems;

/// Names states and ends of the campaign's own file (`own`) that nothing leads to, and states without a way to an end.
/// What a base has and a campaign does not use is no problem.
pub(super) fn check(
    campaign: &Campaign,
    file: &CampaignFile,
    own: impl Fn(&Range<usize>) -> bool,
    problems: &mut Problems,
) {
    let (states, ends) = reached(campaign);
    for (n, (name, state)) in file.state.iter().enumerate() {
        if !states.contains(&n) {
            if own(&state.span()) {
                problems.push((Problem::Unreachable { kind: "state", name: name.clone() }, state.span()));
            }
        } else if !leads_to_an_end(campaign, StateId(n)) {
            problems.push((Problem::Endless(name.clone()), state.span()));
        }
    }
    for (n, (name, end)) in file.end.iter().enumerate() {
        if !ends.contains(&n) && own(&end.span()) {
            problems.push((Problem::Unreachable { kind: "end", name: name.clone() }, end.span()));
        }
    }
}

/// The states and ends that some call comes to. A customer can do any action anywhere.
fn reached(campaign: &Campaign) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let machines = [campaign.refused, campaign.opted_out, campaign.farewell, campaign.silent, campaign.not_heard];
    let mut open: Vec<Target> = machines.into_iter().map(Target::End).collect();
    open.push(Target::State(campaign.start));
    open.extend(campaign.keys.values());
    open.extend(campaign.closing.map(|closing| Target::State(closing.state)));
    for opening in &campaign.openings {
        open.extend([Some(Target::State(opening.state)), opening.affirm, opening.deny].into_iter().flatten());
    }
    open.extend(campaign.answers.iter().flat_map(of_answer));
    let (mut states, mut ends) = (BTreeSet::new(), BTreeSet::new());
    while let Some(target) = open.pop() {
        match target {
            Target::State(StateId(n)) => {
                if states.insert(n) {
                    open.extend(of_state(&campaign.states[n]));
                }
            }
            Target::End(EndId(n)) => {
                ends.insert(n);
            }
            Target::Resume | Target::Wait | Target::Action(_) => {} // every answer is there from the start
        }
    }
    (states, ends)
}

/// Whether a call that is at the state can come to an end without the customer breaking it off.
fn leads_to_an_end(campaign: &Campaign, from: StateId) -> bool {
    let mut open = vec![Target::State(from)];
    let (mut states, mut actions) = (BTreeSet::new(), BTreeSet::new());
    while let Some(target) = open.pop() {
        match target {
            Target::End(_) => return true,
            Target::State(StateId(n)) => {
                if states.insert(n) {
                    open.extend(of_state(&campaign.states[n]));
                }
            }
            Target::Action(action) => {
                if actions.insert(action) {
                    open.extend(of_answer(campaign.answer(action)));
                }
            }
            Target::Resume | Target::Wait => {}
        }
    }
    false
}

fn of_state(state: &State) -> impl Iterator<Item = Target> {
    [state.next, state.affirm, state.deny, state.give_up].into_iter().chain(state.on.values().copied())
}

fn of_answer(answer: &Answer) -> impl Iterator<Item = Target> {
    let asked = [answer.then, answer.affirm, answer.deny].into_iter().chain(answer.exhausted);
    asked.chain(answer.cases.iter().map(|case| case.then))
}
