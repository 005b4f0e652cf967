#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sdp.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_alloc.h>

#include "side.h"

namespace sidetone::bench {
namespace {

msg_t* make(std::string_view bytes) {
  return msg_make(sip_default_mclass(), 0, bytes.data(), static_cast<ssize_t>(bytes.size()));
}

// msg_make() parses every header into its structure.
bool is_whole(msg_t* message) {
  const sip_t* sip = message != nullptr ? sip_object(message) : nullptr;
  return sip != nullptr && sip->sip_error == nullptr && sip->sip_via != nullptr &&
         sip->sip_contact != nullptr && sip->sip_authorization != nullptr && sip->sip_payload != nullptr;
}

bool parse(std::string_view bytes) {
  msg_t* message = make(bytes);
  const bool whole = is_whole(message);
  msg_destroy(message);
  return whole;
}

bool parse_sdp(std::string_view bytes) {
  msg_t* message = make(bytes);
  bool whole = is_whole(message);
  if (whole) {
    const sip_payload_t* body = sip_object(message)->sip_payload;
    sdp_parser_t* parser = sdp_parse(nullptr, body->pl_data, static_cast<issize_t>(body->pl_len), 0);
    whole = sdp_session(parser) != nullptr;
    sdp_parser_free(parser);
  }
  msg_destroy(message);
  return whole;
}

msg_t* prepared = nullptr;

bool prepare(std::string_view bytes) {
  prepared = make(bytes);
  return is_whole(prepared);
}

bool write() {
  size_t size = 0;
  char* text = msg_as_string(nullptr, prepared, nullptr, 0, &size);
  su_free(nullptr, text);
  return size > 1000;
}

}  // namespace

Side sofia_side() { return {"sofia-sip", parse, parse_sdp, write, prepare}; }

}  // namespace sidetone::bench
