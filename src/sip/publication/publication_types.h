// Publications of event state as the Stack's user sees them (RFC 3903).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "sip/stack_types.h"
#include "sip/transport/flow.h"

namespace sidetone::sip {

using PublicationId = StrongId<struct PublicationTag>;

struct Publish {
  AccountId account;
  std::string target;  // empty: the account's own address
  std::string event;   // "presence", "vq-rtcpxr"
  std::string body, content_type;
  std::chrono::seconds expires{3600};
  // false: said once and left to expire, such as a report (RFC 6035); `published` is then the last event.
  bool refresh = true;
  Duration retry{0};  // after a failure the state is published anew after this; 0: never
  std::vector<ExtraHeader> headers;
  std::string from_uri, from_display;  // empty: the account's
  std::optional<NextHop> next_hop;
};

enum class PublicationState { published, failed, removed };

// `removed`, and `failed` without `retry_in`, are the last event of an id.
struct PublicationChanged {
  PublicationId id;
  PublicationState state;
  int status = 0;  // of the response; 0: none came
  std::string text;
  std::chrono::seconds expires{0};
  std::optional<Duration> retry_in;
};

}  // namespace sidetone::sip
