// Subscriptions as the Stack's user sees them (RFC 6665), ours and the peers'.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "sip/stack_types.h"
#include "sip/transport/flow.h"

namespace sidetone::sip {

using SubscriptionId = StrongId<struct SubscriptionTag>;

// §4.1.3 substate-value; `requested` until the first NOTIFY.
enum class Substate { requested, pending, active, terminated };
[[nodiscard]] std::string_view to_string(Substate state);

// --- as subscriber

struct Subscribe {
  AccountId account;
  SessionId session;                   // in the dialog of this call, or
  std::string target;                  // ... a new dialog with this URI
  std::string event;                   // package, with parameters when it has some: "dialog;id=4"
  std::string accept;                  // media types, comma-separated; empty: those that the package says
  std::chrono::seconds expires{3600};  // 0: a single look (§4.4.3)
  // After an end that does not forbid it, a new subscription is made; at once or after this, as the reason
  // of the end says (§4.1.3). 0: never. Not for subscriptions in calls.
  Duration retry{0};
  // A SUBSCRIBE that forks makes several subscriptions, each with an id of its own; NOTIFYs of further
  // notifiers get 481 (§4.1.4). Bound: 8.
  std::size_t forks_max = 1;
  std::vector<ExtraHeader> headers;
  std::string body, content_type;
  std::string from_uri, from_display;  // empty: the account's
  std::optional<NextHop> next_hop;
};

// `terminated` without `retry_in` is the last event of an id.
struct SubscriptionChanged {
  SubscriptionId id;
  Substate state;
  std::string reason;  // that of Subscription-State, else words for people
  int status = 0;      // of the response that ended it; 0: none
  std::optional<Duration> retry_in;
  SubscriptionId forked_from;  // the id that subscribe() gave, when another notifier answered as well
};

struct NotificationReceived {  // was answered 200
  SubscriptionId id;
  SessionId session;
  std::string event;  // the package
  std::string content_type, body;
  MessagePtr request;
};

// --- as notifier

// Answer with accept_subscription(), or refuse with respond().
struct IncomingSubscribe {
  ServerRequestId id;
  AccountId account;
  SessionId session;  // in the dialog of a call
  std::string event, event_id;
  std::optional<std::chrono::seconds> expires;  // wanted; 0: a single look
  MessagePtr request;
  Flow flow;
};

// The subscriber asked for the state anew (a refresh, or its last wish): notify() is due. Without one a
// NOTIFY without body goes out after T1.
struct NotifyDue {
  SubscriptionId id;
  bool last = false;  // nothing is to follow
};

struct Notify {
  Substate state = Substate::active;  // pending, active or terminated
  std::string body, content_type;
  std::string reason;  // with terminated: "noresource", "rejected", ... (§4.1.3)
  std::optional<std::chrono::seconds> retry_after;
  std::vector<ExtraHeader> headers;
};

}  // namespace sidetone::sip
