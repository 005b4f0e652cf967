#include <osipparser2/osip_parser.h>
#include <osipparser2/sdp_message.h>

#include "side.h"

namespace sidetone::bench {
namespace {

osip_message_t* make(std::string_view bytes) {
  osip_message_t* message = nullptr;
  if (osip_message_init(&message) != 0) return nullptr;
  if (osip_message_parse(message, bytes.data(), bytes.size()) == 0) return message;
  osip_message_free(message);
  return nullptr;
}

bool parse(std::string_view bytes) {
  osip_message_t* message = make(bytes);
  const bool whole = message != nullptr;
  osip_message_free(message);
  return whole;
}

bool parse_sdp(std::string_view bytes) {
  osip_message_t* message = make(bytes);
  if (message == nullptr) return false;
  osip_body_t* body = nullptr;
  osip_message_get_body(message, 0, &body);
  sdp_message_t* sdp = nullptr;
  sdp_message_init(&sdp);
  const bool whole = body != nullptr && sdp_message_parse(sdp, body->body) == 0;
  sdp_message_free(sdp);
  osip_message_free(message);
  return whole;
}

osip_message_t* prepared = nullptr;

bool prepare(std::string_view bytes) {
  prepared = make(bytes);
  return prepared != nullptr;
}

bool write() {
  osip_message_force_update(prepared);  // otherwise it hands out the text of the last time
  char* text = nullptr;
  std::size_t size = 0;
  const bool whole = osip_message_to_str(prepared, &text, &size) == 0 && size > 1000;
  osip_free(text);
  return whole;
}

}  // namespace

Side osip_side() {
  parser_init();
  return {"libosip2", parse, parse_sdp, write, prepare};
}

}  // namespace sidetone::bench
