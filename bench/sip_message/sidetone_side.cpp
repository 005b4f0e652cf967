#include <optional>

#include "side.h"
#include "sip/message/headers.h"
#include "sip/message/parser.h"
#if defined(BENCH_SDP)
#include "sdp/session_description.h"
#include "sip/message/sdp_body.h"
#endif

namespace sidetone::bench {
namespace {

using namespace sidetone::sip;

// The peers fill a structure for each header while they parse; so every value is asked for here.
bool type_all(const Message& message) {
  bool sound = Uri::parse(message.request_uri()).has_value();
  for (const HeaderField& field : message.fields()) {
    switch (field.id) {
      case HeaderId::via: sound &= Via::parse(field.value).has_value(); break;
      case HeaderId::from:
      case HeaderId::to:
      case HeaderId::contact:
      case HeaderId::record_route: sound &= NameAddr::parse(field.value).has_value(); break;
      case HeaderId::cseq: sound &= CSeq::parse(field.value).has_value(); break;
      case HeaderId::max_forwards:
      case HeaderId::expires:
      case HeaderId::min_se:
      case HeaderId::content_length: sound &= parse_delta(field.value, field.name).has_value(); break;
      case HeaderId::session_expires: sound &= SessionExpires::parse(field.value).has_value(); break;
      case HeaderId::content_type: sound &= TokenParams::parse(field.value).has_value(); break;
      case HeaderId::authorization: sound &= AuthParams::parse(field.value).has_value(); break;
      default: break;
    }
  }
  return sound;
}

bool parse(std::string_view bytes) {
  const auto message = parse_message(bytes);
  return message && type_all(*message);
}

#if defined(BENCH_SDP)
bool parse_sdp(std::string_view bytes) {
  const auto message = parse_message(bytes);
  if (!message || !type_all(*message)) return false;
  const auto body = find_sdp(*message);
  return body && sdp::SessionDescription::parse(*body).has_value();
}
#endif

std::optional<Message> prepared;

bool prepare(std::string_view bytes) {
  auto message = parse_message(bytes);
  if (message) prepared = std::move(*message);
  return prepared.has_value();
}

bool write() { return !prepared->to_bytes().empty(); }

}  // namespace

Side sidetone_side() {
#if defined(BENCH_SDP)
  return {"sidetone", parse, parse_sdp, write, prepare};
#else
  return {"sidetone", parse, nullptr, write, prepare};
#endif
}

}  // namespace sidetone::bench
