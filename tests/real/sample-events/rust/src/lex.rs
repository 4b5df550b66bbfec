//! The input of a code hook of Lex, version 2:
//! <https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

type Map<T = String> = BTreeMap<String, T>;

/// Structs with names in camel case, and without other fields.
macro_rules! types {
    ($($name:ident { $($field:ident: $kind:ty,)+ })+) => {
        $(
            #[derive(Deserialize, Serialize)]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            pub struct $name {
                $($field: $kind,)+
            }
        )+
    };
}

types! {
    LexV2Event {
        message_version: String,
        invocation_source: String,
        input_mode: String,
        response_content_type: String,
        session_id: String,
        input_transcript: String,
        invocation_label: String,
        bot: Bot,
        interpretations: Vec<Interpretation>,
        proposed_next_state: NextState,
        request_attributes: Map,
        session_state: SessionState,
        transcriptions: Vec<Transcription>,
    }
    Bot {
        id: String,
        name: String,
        locale_id: String,
        version: String,
        alias_id: String,
        alias_name: String,
    }
    Interpretation {
        interpretation_source: String,
        intent: Intent,
        nlu_confidence: f64,
        sentiment_response: Sentiment,
    }
    Sentiment {
        sentiment: String,
        sentiment_score: Map<f64>,
    }
    Intent {
        name: String,
        slots: Map<Option<Slot>>,
        state: String,
        confirmation_state: String,
    }
    Slot {
        shape: String,
        value: SlotValue,
    }
    SlotValue {
        original_value: String,
        interpreted_value: Option<String>,
        resolved_values: Vec<String>,
    }
    NextState {
        dialog_action: DialogAction,
        intent: Intent,
        prompt: Map,
    }
    DialogAction {
        slot_to_elicit: String,
        r#type: String,
    }
    SessionState {
        active_contexts: Vec<ActiveContext>,
        session_attributes: Map,
        runtime_hints: RuntimeHints,
        dialog_action: DialogAction,
        intent: Intent,
        originating_request_id: String,
    }
    ActiveContext {
        name: String,
        context_attributes: Map,
        time_to_live: TimeToLive,
    }
    TimeToLive {
        time_to_live_in_seconds: u32,
        turns_to_live: u32,
    }
    RuntimeHints {
        slot_hints: Map<Map<SlotHints>>,
    }
    SlotHints {
        runtime_hint_values: Vec<Map>,
    }
    Transcription {
        transcription: String,
        transcription_confidence: f64,
        resolved_context: Map,
        resolved_slots: Map<Option<Slot>>,
    }
}
