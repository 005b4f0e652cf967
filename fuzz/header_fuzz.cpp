// First byte: a header; the rest: its value. What a typed reader accepts lies inside the text, and, where it
// can be written, comes back as the same.
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "script.h"
#include "sip/message/headers.h"

namespace {

using namespace sidetone;
using namespace sidetone::sip;

bool is_inside(std::string_view view, std::string_view text) {
  return view.empty() ||
         (view.data() >= text.data() && view.data() + view.size() <= text.data() + text.size());
}

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

constexpr void (*readers[])(std::string_view) = {
    name_addr, via,          cseq, rack, session_expires, replaces, subscription_state,
    reason,    token_params, auth, delta};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  const auto reader = script.below(std::size(readers));
  readers[reader](script.rest());
  return 0;
}
