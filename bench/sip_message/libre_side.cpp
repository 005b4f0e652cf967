// libre decodes the first Via, From, To and CSeq by itself and leaves the rest as text until it is asked for:
// so it is asked here, as far as it has types. It has no writer of messages: it prints its requests by
// format.
#include <sys/socket.h>

#include <cstdint>

#include "side.h"

extern "C" {
#include <re.h>  // its headers need those above
}

namespace sidetone::bench {
namespace {

bool address_decodes(const sip_hdr* header) {
  sip_addr address{};
  return sip_addr_decode(&address, &header->val) == 0;
}

bool via_decodes(const sip_hdr* header) {
  sip_via via{};
  return sip_via_decode(&via, &header->val) == 0;
}

// For sip_msg_hdr_apply(): true stops the walk, so a result other than null is a failure.
bool address_fails(const sip_hdr* header, const sip_msg*, void*) { return !address_decodes(header); }
bool via_fails(const sip_hdr* header, const sip_msg*, void*) { return !via_decodes(header); }

mbuf* copy(std::string_view bytes) {
  mbuf* buffer = mbuf_alloc(bytes.size());
  mbuf_write_mem(buffer, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  buffer->pos = 0;
  return buffer;
}

bool type_all(const sip_msg* message) {
  const auto none = [message](sip_hdrid id, sip_hdr_h* fails) {
    return sip_msg_hdr_apply(message, true, id, fails, nullptr) == nullptr;
  };
  bool sound = none(SIP_HDR_VIA, via_fails) && none(SIP_HDR_CONTACT, address_fails) &&
               none(SIP_HDR_RECORD_ROUTE, address_fails);
  sound &= pl_u32(&message->maxfwd) == 69 && pl_u32(&message->expires) == 180;
  httpauth_digest_resp digest{};
  const sip_hdr* authorization = sip_msg_hdr(message, SIP_HDR_AUTHORIZATION);
  return sound && authorization != nullptr &&
         httpauth_digest_response_decode(&digest, &authorization->val) == 0;
}

bool parse(std::string_view bytes) {
  mbuf* buffer = copy(bytes);
  sip_msg* message = nullptr;
  const bool whole = sip_msg_decode(&message, buffer) == 0 && type_all(message);
  mem_deref(message);
  mem_deref(buffer);
  return whole;
}

bool parse_sdp(std::string_view bytes) {
  mbuf* buffer = copy(bytes);
  sip_msg* message = nullptr;
  bool whole = sip_msg_decode(&message, buffer) == 0 && type_all(message);
  if (whole) {
    // An answerer's session with the medium that is offered: sdp_decode() fills what it knows.
    sdp_session* session = nullptr;
    sdp_media* media = nullptr;
    sa local{};
    sa_set_str(&local, "127.0.0.1", 9000);
    whole = sdp_session_alloc(&session, &local) == 0 &&
            sdp_media_add(&media, session, "audio", 9000, "RTP/AVP") == 0 &&
            sdp_format_add(nullptr, media, false, "0", "PCMU", 8000, 1, nullptr, nullptr, nullptr, false,
                           nullptr) == 0 &&
            sdp_decode(session, message->mb, true) == 0;
    mem_deref(session);
  }
  mem_deref(message);
  mem_deref(buffer);
  return whole;
}

bool prepare(std::string_view) { return libre_init() == 0; }

}  // namespace

Side libre_side() { return {"libre", parse, parse_sdp, nullptr, prepare}; }

}  // namespace sidetone::bench
