#include <belle-sip/belle-sdp.h>
#include <belle-sip/belle-sip.h>

#include <string>

#include "side.h"

namespace sidetone::bench {
namespace {

// Parses every known header into its object.
belle_sip_message_t* make(std::string_view bytes) {
  std::size_t length = 0;
  return belle_sip_message_parse_raw(bytes.data(), bytes.size(), &length);
}

bool is_whole(belle_sip_message_t* message) {
  return message != nullptr && belle_sip_message_get_header(message, "Authorization") != nullptr;
}

void drop(belle_sip_message_t* message) {
  if (message != nullptr) belle_sip_object_unref(message);
}

bool parse(std::string_view bytes) {
  belle_sip_message_t* message = make(bytes);
  const bool whole = is_whole(message);
  drop(message);
  return whole;
}

bool parse_sdp(std::string_view bytes) {
  belle_sip_message_t* message = make(bytes);
  // The body is not cut off by parse_raw(): belle-sip's channel does that. Here it is behind the empty line.
  const std::string body(bytes.substr(bytes.find("\r\n\r\n") + 4));
  belle_sdp_session_description_t* sdp = belle_sdp_session_description_parse(body.c_str());
  const bool whole = is_whole(message) && sdp != nullptr;
  if (sdp != nullptr) belle_sip_object_unref(sdp);
  drop(message);
  return whole;
}

belle_sip_message_t* prepared = nullptr;

bool prepare(std::string_view bytes) {
  prepared = make(bytes);
  if (!is_whole(prepared)) return false;
  const auto body = bytes.substr(bytes.find("\r\n\r\n") + 4);
  belle_sip_message_set_body(prepared, body.data(), body.size());
  return true;
}

bool write() {
  char* text = belle_sip_message_to_string(prepared);
  const bool whole = text != nullptr && std::string_view(text).size() > 800;
  belle_sip_free(text);
  return whole;
}

}  // namespace

Side belle_side() {
  belle_sip_set_log_level(BELLE_SIP_LOG_FATAL);
  return {"belle-sip", parse, parse_sdp, write, prepare};
}

}  // namespace sidetone::bench
