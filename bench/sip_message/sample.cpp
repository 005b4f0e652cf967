#include "side.h"

namespace sidetone::bench {

const std::string& sample_invite() {
  static const std::string text = [] {
    const std::string sdp =
        "v=0\r\n"
        "o=- 3724394400 3724394401 IN IP4 198.51.100.7\r\n"
        "s=call\r\n"
        "c=IN IP4 198.51.100.7\r\n"
        "t=0 0\r\n"
        "m=audio 21034 RTP/AVP 8 0 18 101\r\n"
        "a=rtpmap:8 PCMA/8000\r\n"
        "a=rtpmap:0 PCMU/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\n"
        "a=fmtp:101 0-15\r\n"
        "a=ptime:20\r\n"
        "a=sendrecv\r\n";
    return "INVITE sip:7001@198.51.100.20:5060;transport=udp SIP/2.0\r\n"
           "Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK1d32hash49mnqa;rport\r\n"
           "Via: SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK776asdhds;received=203.0.113.9\r\n"
           "Max-Forwards: 69\r\n"
           "Record-Route: <sip:198.51.100.7:5060;lr>\r\n"
           "From: \"Customer 42\" <sip:+15551234567@example.com;user=phone>;tag=1928301774\r\n"
           "To: \"Agent\" <sip:7001@example.com>\r\n"
           "Call-ID: a84b4c76e66710@pc33.example.com\r\n"
           "CSeq: 314159 INVITE\r\n"
           "Contact: <sip:+15551234567@203.0.113.9:5060;transport=udp>;expires=3600\r\n"
           "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, INFO, UPDATE\r\n"
           "Supported: replaces, timer, 100rel\r\n"
           "Expires: 180\r\n"
           "Session-Expires: 1800;refresher=uac\r\n"
           "Min-SE: 90\r\n"
           "X-Genesys-CallUUID: 01HMJ8VQ2C84A4CC6F3082121\r\n"
           "User-Agent: Bench/1.0\r\n"
           "Authorization: Digest "
           "username=\"7001\",realm=\"example.com\",nonce=\"84a4cc6f3082121f32b42a2187831a9e\","
           "uri=\"sip:7001@example.com\",response=\"7587245234b3434cc3412213e5f113a5\",algorithm=MD5\r\n"
           "Content-Type: application/sdp\r\n"
           "Content-Length: " +
           std::to_string(sdp.size()) + "\r\n\r\n" + sdp;
  }();
  return text;
}

}  // namespace sidetone::bench
