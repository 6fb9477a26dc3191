//! DeleteTopics (key 20), versions 1-6.
//!
//! 4 flexible · 5 messages beside the codes · 6 topics by id (KIP-516). A topic is gone, for everybody, when the answer leaves.

use std::collections::HashMap;
use std::hash::Hash;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::delete_topics::{DeletableTopicResult, DeleteTopicState, Response};
use thalweg_proto::wire::Text;
use uuid::Uuid;

pub(in crate::front::kafka) use thalweg_proto::messages::delete_topics::Request;

use super::cluster::{error_of, timed_out};
use crate::engine::TopicOutcome;
use crate::engine::{Refusal, TopicKey};
use crate::front::kafka::context::Context;

/// The first version with a code of its own for a broker that deletes no topics.
const TELLS_DISABLED: i16 = 3;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    let by_name = |name: Text| DeleteTopicState { name: Some(name), ..DeleteTopicState::default() };
    let asked: Vec<_> =
        request.topics.into_iter().chain(request.topic_names.into_iter().map(by_name)).collect();
    if request.timeout_ms <= 0 {
        let late = |DeleteTopicState { name, topic_id }| {
            let error_code = timed_out().code.code();
            DeletableTopicResult { name, topic_id, error_code, error_message: None }
        };
        return Response { responses: asked.into_iter().map(late).collect(), ..Response::default() };
    }
    let (refused, keys) = sort_out(context, asked);
    let outcomes = context.engine.delete_topics(keys.clone()).await;
    let done = keys.into_iter().zip(outcomes).map(|(key, outcome)| result(key, outcome, version));
    Response { responses: refused.into_iter().chain(done).collect(), ..Response::default() }
}

/// Finds what is asked for twice or not properly; each is answered once.
fn sort_out(context: &Context, asked: Vec<DeleteTopicState>) -> (Vec<DeletableTopicResult>, Vec<TopicKey>) {
    let mut refused = Vec::new();
    let mut names: HashMap<Text, usize> = HashMap::new();
    let mut ids: HashMap<Uuid, usize> = HashMap::new();
    for DeleteTopicState { name, topic_id } in asked {
        match (name, topic_id) {
            (Some(name), id) if id.is_nil() => *names.entry(name).or_default() += 1,
            (None, id) if !id.is_nil() => *ids.entry(id).or_default() += 1,
            (None, id) => refused.push(refuse(None, id, "Neither topic name nor id were specified.")),
            (name, id) => refused.push(refuse(name, id, "You may not specify both topic name and topic id.")),
        }
    }
    for name in take_repeated(&mut names) {
        refused.push(refuse(Some(name), Uuid::nil(), "Duplicate topic name."));
    }
    for id in take_repeated(&mut ids) {
        refused.push(refuse(None, id, "Duplicate topic id."));
    }
    let id_of = |name: &Text| context.engine.topics.by_name(name).map(|handle| handle.topic.id);
    let both: Vec<(Text, Uuid)> =
        names.keys().filter_map(|name| Some((name.clone(), id_of(name)?))).collect();
    for (name, id) in both.into_iter().filter(|(_, id)| ids.contains_key(id)).collect::<Vec<_>>() {
        names.remove(&name);
        ids.remove(&id);
        refused.push(refuse(
            Some(name),
            id,
            "The provided topic name maps to an ID that was already supplied.",
        ));
    }
    let names = names.into_keys().map(|name| TopicKey::Name(name.to_string()));
    (refused, names.chain(ids.into_keys().map(TopicKey::Id)).collect())
}

fn take_repeated<K: Hash + Eq + Clone>(times: &mut HashMap<K, usize>) -> Vec<K> {
    let repeated: Vec<K> =
        times.iter().filter(|(_, times)| **times > 1).map(|(key, _)| key.clone()).collect();
    repeated.iter().for_each(|key| {
        times.remove(key);
    });
    repeated
}

fn refuse(name: Option<Text>, topic_id: Uuid, message: &'static str) -> DeletableTopicResult {
    DeletableTopicResult {
        name,
        topic_id,
        error_code: ErrorCode::InvalidRequest.code(),
        error_message: Some(Text::from_static(message)),
    }
}

fn result(key: TopicKey, outcome: TopicOutcome, version: i16) -> DeletableTopicResult {
    let outcome = outcome.map_err(|refusal| match refusal.code {
        ErrorCode::TopicDeletionDisabled if version < TELLS_DISABLED => {
            Refusal { code: ErrorCode::InvalidRequest, ..refusal }
        }
        _ => refusal,
    });
    let (error_code, error_message) = error_of(&outcome);
    let (name, topic_id) = match (outcome, key) {
        (Ok(topic), _) => (Some(Text::from(&*topic.name)), topic.id),
        (Err(_), TopicKey::Name(name)) => (Some(Text::from(name)), Uuid::nil()),
        (Err(_), TopicKey::Id(id)) => (None, id),
    };
    DeletableTopicResult { name, topic_id, error_code, error_message }
}
