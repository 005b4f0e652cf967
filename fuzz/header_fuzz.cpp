// First byte: a header; the rest: its value. What a typed reader accepts lies inside the text, and, where it
// can be written, comes back as the same.
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "script.h"
#include "sip/message/alerting.h"
#include "sip/message/diversion.h"
#include "sip/message/headers.h"
#include "sip/message/history_info.h"
#include "sip/message/info_package.h"
#include "sip/message/reason.h"
#include "sip/message/redirect_targets.h"
#include "sip/message/referred_by.h"
#include "sip/message/replaces.h"

namespace {

using namespace sidetone;
using namespace sidetone::sip;
using fuzz::is_inside;

void check_params(const ParamList& params, std::string_view text) {
  ST_ASSERT(is_inside(params.text(), text));
  auto cursor = params.cursor();
  for (std::size_t count = 0; const auto param = cursor.next();) {
    ST_ASSERT(++count <= text.size());
    ST_ASSERT(is_inside(param->first, text) && is_inside(param->second, text));
    ST_ASSERT(params.has(param->first));
  }
}

void name_addr(std::string_view text) {
  const auto parsed = NameAddr::parse(text);
  if (!parsed || parsed->is_star) return;
  ST_ASSERT(is_inside(parsed->display, text) && is_inside(parsed->uri.text, text));
  check_params(parsed->params, text);
  const auto display = unescape_quoted(parsed->display);
  const auto written = write_name_addr(display, parsed->uri.text, parsed->params.text());
  const auto again = NameAddr::parse(written);
  // Control characters in a quoted name cannot be written again as they were; the address can.
  ST_ASSERT(again && again->uri.text == parsed->uri.text && again->tag() == parsed->tag());
}

void via(std::string_view text) {
  if (const auto parsed = Via::parse(text)) {
    ST_ASSERT(is_inside(parsed->host, text) && !parsed->host.empty());
    check_params(parsed->params, text);
  }
}

void cseq(std::string_view text) {
  if (const auto parsed = CSeq::parse(text)) ST_ASSERT(parsed->number < (1U << 31U));
}

void rack(std::string_view text) { static_cast<void>(RAck::parse(text)); }

void session_expires(std::string_view text) {
  if (const auto parsed = SessionExpires::parse(text)) ST_ASSERT(parsed->interval.count() >= 0);
}

void replaces(std::string_view text) {
  if (const auto parsed = Replaces::parse(text)) {
    ST_ASSERT(!parsed->call_id.empty() && is_inside(parsed->call_id, text));
    ST_ASSERT(is_inside(parsed->to_tag, text) && is_inside(parsed->from_tag, text));
  }
}

void subscription_state(std::string_view text) { static_cast<void>(SubscriptionState::parse(text)); }

void reason(std::string_view text) {
  if (const auto parsed = Reason::parse(text)) ST_ASSERT(is_inside(parsed->text, text));
}

void token_params(std::string_view text) {
  if (const auto parsed = TokenParams::parse(text)) {
    ST_ASSERT(is_inside(parsed->token, text));
    check_params(parsed->params, text);
    static_cast<void>(is_media_type(parsed->token, "application/sdp"));
    static_cast<void>(is_media_type(parsed->token, "multipart/*"));
  }
}

void auth(std::string_view text) {
  if (const auto parsed = AuthParams::parse(text))
    for (const auto& [name, value] : parsed->params)
      ST_ASSERT(is_inside(name, text) && is_inside(value, text));
}

void delta(std::string_view text) { static_cast<void>(parse_delta(text, "Expires")); }

// The families that read a whole message: the value as one header, so that lists meet their bounds.
Message with(HeaderId id, std::string_view value, int status = 0) {
  auto message = Message::request(Method::invite, "sip:a@example.com");
  if (status != 0) message = Message::response(message, status, {}, "t");
  std::size_t count = 0;
  while (count++ < 100) {
    const auto comma = value.find('\n');
    message.add(id, value.substr(0, comma));
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
  }
  return message;
}

void diversion(std::string_view text) {
  ST_ASSERT(diversions_of(with(HeaderId::diversion, text)).size() <= diversions_max);
}

void history(std::string_view text) {
  const auto entries = history_of(with(HeaderId::history_info, text));
  ST_ASSERT(entries.size() <= history_entries_max);
  for (const auto& entry : entries) ST_ASSERT(entry.index.size() <= history_depth_max);
}

void alerting(std::string_view text) {
  const auto alert = with(HeaderId::alert_info, text);
  ST_ASSERT(alert_infos_of(alert).size() <= info_headers_max);
  static_cast<void>(asks_for_silence(alert));
  const auto call = with(HeaderId::call_info, text);
  ST_ASSERT(call_infos_of(call).size() <= info_headers_max);
  if (const auto after = answer_after(call)) ST_ASSERT(after->count() >= 0);
}

void redirection(std::string_view text) {
  const auto targets = redirect_targets(with(HeaderId::contact, text, 302));
  ST_ASSERT(targets.size() <= redirect_targets_max);
  for (const auto& target : targets) {
    ST_ASSERT(Uri::parse(target.uri));
    for (const auto& [name, value] : target.headers)
      ST_ASSERT(name.find_first_of("\r\n") == std::string::npos &&
                value.find_first_of("\r\n") == std::string::npos);
  }
}

void referred(std::string_view text) {
  static_cast<void>(ReferredBy::parse(text));
  static_cast<void>(Join::parse(text));
  if (const auto parsed = Replaces::parse(text)) {
    const auto written = parsed->write();
    const auto again = Replaces::parse(written);
    ST_ASSERT(again && again->call_id == parsed->call_id && again->to_tag == parsed->to_tag);
  }
}

void reasons(std::string_view text) {
  ST_ASSERT(reasons_of(with(HeaderId::reason, text)).size() <= reasons_max);
  const auto written = write_reason("SIP", 200, text.substr(0, 200));
  if (written.find_first_of("\r\n") == std::string::npos) ST_ASSERT(Reason::parse(written));
}

constexpr void (*readers[])(std::string_view) = {
    name_addr,   via,          cseq,   rack,  session_expires, replaces, subscription_state,
    reason,      token_params, auth,   delta, diversion,       history,  alerting,
    redirection, referred,     reasons};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  const auto reader = script.below(std::size(readers));
  readers[reader](script.rest());
  return 0;
}
