// The headers that we know by number. All others pass through untouched under their own name.
#pragma once

#include <cstdint>
#include <string_view>

namespace sidetone::sip {

enum class HeaderId : std::uint8_t {
  other,  // known by name only
  accept,
  accept_encoding,
  accept_language,
  alert_info,
  allow,
  allow_events,
  also,
  authentication_info,
  authorization,
  call_id,
  call_info,
  contact,
  content_disposition,
  content_encoding,
  content_language,
  content_length,
  content_type,
  cseq,
  date,
  diversion,
  error_info,
  event,
  expires,
  flow_timer,
  from,
  geolocation,
  history_info,
  identity,
  in_reply_to,
  info_package,
  join,
  max_breadth,
  max_forwards,
  mime_version,
  min_expires,
  min_se,
  organization,
  p_asserted_identity,
  p_called_party_id,
  p_preferred_identity,
  path,
  priority,
  privacy,
  proxy_authenticate,
  proxy_authorization,
  proxy_require,
  rack,
  reason,
  record_route,
  recv_info,
  refer_sub,
  refer_to,
  referred_by,
  remote_party_id,
  replaces,
  reply_to,
  require,
  resource_priority,
  retry_after,
  route,
  rseq,
  server,
  service_route,
  session_expires,
  sip_etag,
  sip_if_match,
  subject,
  subscription_state,
  supported,
  target_dialog,
  timestamp,
  to,
  unsupported,
  user_agent,
  user_to_user,
  via,
  warning,
  www_authenticate,
  x_genesys_calluuid,
  count_
};

// The form that we write, e.g. "Call-ID".
[[nodiscard]] std::string_view canonical_name(HeaderId id);
// Full and compact forms (RFC 3261 §7.3.3 and the registry), without case. HeaderId::other when unknown.
[[nodiscard]] HeaderId find_header(std::string_view name);
// The same for a name that is followed by 32 readable bytes, as in a parsed message: compared word by word.
[[nodiscard]] HeaderId find_header_in_block(std::string_view name);
// Headers whose comma-separated values count as several fields (RFC 3261 §7.3.1).
[[nodiscard]] bool is_list_header(HeaderId id);

enum class Method : std::uint8_t {
  other,
  invite,
  ack,
  bye,
  cancel,
  options,
  register_,
  prack,
  update,
  info,
  refer,
  subscribe,
  notify,
  publish,
  message
};
[[nodiscard]] std::string_view to_string(Method method);
[[nodiscard]] Method find_method(std::string_view name);  // case matters (RFC 3261 §7.1)

}  // namespace sidetone::sip
