package main

import "encoding/json"

// Types for events that AWS documents and its module does not have.

// AppSyncResolverEvent is a direct resolver's context:
// https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html
type AppSyncResolverEvent struct {
	Arguments map[string]any `json:"arguments"`
	// That of a user pool.
	Identity struct {
		Claims              map[string]any `json:"claims"`
		DefaultAuthStrategy string         `json:"defaultAuthStrategy"`
		Groups              []string       `json:"groups"`
		Issuer              string         `json:"issuer"`
		SourceIP            []string       `json:"sourceIp"`
		Sub                 string         `json:"sub"`
		Username            string         `json:"username"`
	} `json:"identity"`
	Source  map[string]any `json:"source"`
	Request struct {
		Headers    map[string]string `json:"headers"`
		DomainName *string           `json:"domainName"`
	} `json:"request"`
	Prev map[string]any `json:"prev"`
	Info struct {
		SelectionSetList    []string       `json:"selectionSetList"`
		SelectionSetGraphQL string         `json:"selectionSetGraphQL"`
		FieldName           string         `json:"fieldName"`
		ParentTypeName      string         `json:"parentTypeName"`
		Variables           map[string]any `json:"variables"`
	} `json:"info"`
	Stash map[string]any `json:"stash"`
}

// BedrockAgentEvent is an action group with an API schema:
// https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html
type BedrockAgentEvent struct {
	MessageVersion string `json:"messageVersion"`
	Agent          struct {
		Name    string `json:"name"`
		ID      string `json:"id"`
		Alias   string `json:"alias"`
		Version string `json:"version"`
	} `json:"agent"`
	InputText   string             `json:"inputText"`
	SessionID   string             `json:"sessionId"`
	ActionGroup string             `json:"actionGroup"`
	APIPath     string             `json:"apiPath"`
	HTTPMethod  string             `json:"httpMethod"`
	Parameters  []BedrockParameter `json:"parameters"`
	RequestBody struct {
		Content map[string]struct {
			Properties []BedrockParameter `json:"properties"`
		} `json:"content"`
	} `json:"requestBody"`
	SessionAttributes       map[string]string `json:"sessionAttributes"`
	PromptSessionAttributes map[string]string `json:"promptSessionAttributes"`
}

type BedrockParameter struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

// CloudWatchAlarmEvent is the state change of an alarm of metrics:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
type CloudWatchAlarmEvent struct {
	Source    string `json:"source"`
	AlarmARN  string `json:"alarmArn"`
	AccountID string `json:"accountId"`
	Time      string `json:"time"`
	Region    string `json:"region"`
	AlarmData struct {
		AlarmName     string               `json:"alarmName"`
		State         CloudWatchAlarmState `json:"state"`
		PreviousState CloudWatchAlarmState `json:"previousState"`
		Configuration struct {
			Description string `json:"description"`
			Metrics     []struct {
				ID         string `json:"id"`
				MetricStat struct {
					Metric struct {
						Namespace  string            `json:"namespace"`
						Name       string            `json:"name"`
						Dimensions map[string]string `json:"dimensions"`
					} `json:"metric"`
					Period int    `json:"period"`
					Stat   string `json:"stat"`
					Unit   string `json:"unit"`
				} `json:"metricStat"`
				ReturnData bool `json:"returnData"`
			} `json:"metrics"`
		} `json:"configuration"`
	} `json:"alarmData"`
}

type CloudWatchAlarmState struct {
	Value      string `json:"value"`
	Reason     string `json:"reason"`
	ReasonData string `json:"reasonData"`
	Timestamp  string `json:"timestamp"`
}

// DocumentDBEvent has the changes of a change stream:
// https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html
type DocumentDBEvent struct {
	EventSourceARN string `json:"eventSourceArn"`
	EventSource    string `json:"eventSource"`
	Events         []struct {
		Event struct {
			ID struct {
				Data string `json:"_data"`
			} `json:"_id"`
			ClusterTime struct {
				Timestamp struct {
					T int64 `json:"t"`
					I int64 `json:"i"`
				} `json:"$timestamp"`
			} `json:"clusterTime"`
			DocumentKey struct {
				ID struct {
					OID string `json:"$oid"`
				} `json:"_id"`
			} `json:"documentKey"`
			FullDocument json.RawMessage `json:"fullDocument"`
			NS           struct {
				DB   string `json:"db"`
				Coll string `json:"coll"`
			} `json:"ns"`
			OperationType string `json:"operationType"`
		} `json:"event"`
	} `json:"events"`
}

// LexV2Event is the input of a code hook:
// https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html
type LexV2Event struct {
	MessageVersion      string `json:"messageVersion"`
	InvocationSource    string `json:"invocationSource"`
	InputMode           string `json:"inputMode"`
	ResponseContentType string `json:"responseContentType"`
	SessionID           string `json:"sessionId"`
	InputTranscript     string `json:"inputTranscript"`
	InvocationLabel     string `json:"invocationLabel"`
	Bot                 struct {
		ID        string `json:"id"`
		Name      string `json:"name"`
		LocaleID  string `json:"localeId"`
		Version   string `json:"version"`
		AliasID   string `json:"aliasId"`
		AliasName string `json:"aliasName"`
	} `json:"bot"`
	Interpretations []struct {
		InterpretationSource string      `json:"interpretationSource"`
		Intent               LexV2Intent `json:"intent"`
		NLUConfidence        float64     `json:"nluConfidence"`
		SentimentResponse    struct {
			Sentiment      string             `json:"sentiment"`
			SentimentScore map[string]float64 `json:"sentimentScore"`
		} `json:"sentimentResponse"`
	} `json:"interpretations"`
	ProposedNextState struct {
		DialogAction LexV2DialogAction `json:"dialogAction"`
		Intent       LexV2Intent       `json:"intent"`
		Prompt       struct {
			Attempt string `json:"attempt"`
		} `json:"prompt"`
	} `json:"proposedNextState"`
	RequestAttributes map[string]string `json:"requestAttributes"`
	SessionState      struct {
		ActiveContexts []struct {
			Name              string            `json:"name"`
			ContextAttributes map[string]string `json:"contextAttributes"`
			TimeToLive        struct {
				TimeToLiveInSeconds int `json:"timeToLiveInSeconds"`
				TurnsToLive         int `json:"turnsToLive"`
			} `json:"timeToLive"`
		} `json:"activeContexts"`
		SessionAttributes map[string]string `json:"sessionAttributes"`
		RuntimeHints      struct {
			SlotHints map[string]map[string]struct {
				RuntimeHintValues []struct {
					Phrase string `json:"phrase"`
				} `json:"runtimeHintValues"`
			} `json:"slotHints"`
		} `json:"runtimeHints"`
		DialogAction         LexV2DialogAction `json:"dialogAction"`
		Intent               LexV2Intent       `json:"intent"`
		OriginatingRequestID string            `json:"originatingRequestId"`
	} `json:"sessionState"`
	Transcriptions []struct {
		Transcription           string  `json:"transcription"`
		TranscriptionConfidence float64 `json:"transcriptionConfidence"`
		ResolvedContext         struct {
			Intent string `json:"intent"`
		} `json:"resolvedContext"`
		ResolvedSlots map[string]*LexV2Slot `json:"resolvedSlots"`
	} `json:"transcriptions"`
}

type LexV2Intent struct {
	Name              string                `json:"name"`
	Slots             map[string]*LexV2Slot `json:"slots"`
	State             string                `json:"state"`
	ConfirmationState string                `json:"confirmationState"`
}

type LexV2Slot struct {
	Shape string `json:"shape"`
	Value struct {
		OriginalValue    string   `json:"originalValue"`
		InterpretedValue string   `json:"interpretedValue,omitempty"`
		ResolvedValues   []string `json:"resolvedValues"`
	} `json:"value"`
}

type LexV2DialogAction struct {
	SlotToElicit string `json:"slotToElicit"`
	Type         string `json:"type"`
}

// VPCLatticeEvent is a request with event structure version 2.0:
// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
type VPCLatticeEvent struct {
	Version               string              `json:"version"`
	Path                  string              `json:"path"`
	Method                string              `json:"method"`
	Headers               map[string][]string `json:"headers"`
	QueryStringParameters map[string][]string `json:"queryStringParameters"`
	Body                  *string             `json:"body"`
	IsBase64Encoded       bool                `json:"isBase64Encoded"`
	RequestContext        struct {
		ServiceNetworkARN string `json:"serviceNetworkArn"`
		ServiceARN        string `json:"serviceArn"`
		TargetGroupARN    string `json:"targetGroupArn"`
		Identity          struct {
			SourceVPCARN   string `json:"sourceVpcArn"`
			Type           string `json:"type"`
			Principal      string `json:"principal"`
			PrincipalOrgID string `json:"principalOrgID"`
			SessionName    string `json:"sessionName"`
		} `json:"identity"`
		Region    string `json:"region"`
		TimeEpoch string `json:"timeEpoch"`
	} `json:"requestContext"`
}
