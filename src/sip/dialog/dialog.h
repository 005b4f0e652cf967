// A dialog (RFC 3261 §12): its ids, route set, remote target and the two sequence numbers. It builds the
// requests that go into it and judges the order of those that come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sip/message/message.h"
#include "sip/transport/flow.h"

namespace sidetone::sip {

class Dialog {
 public:
  // §12.1.2, from a response with a To tag to our INVITE.
  static Dialog as_caller(const Message& invite, const Message& response, const Flow& flow);
  // §12.1.1, from the request that makes it; `local_tag` is the one of our responses.
  static Dialog as_callee(const Message& invite, std::string_view local_tag, const Flow& flow);
  // RFC 6665 §4.4.1, from the NOTIFY that makes it; `cseq` is that of our SUBSCRIBE or REFER.
  static Dialog as_notified(const Message& notify, std::uint32_t cseq, const Flow& flow);
  // The 2xx of an early dialog: the route set is computed anew (§13.2.2.4), the sequence numbers stay.
  void confirm(const Message& response, const Flow& flow);

  // §12.2.1.1, with the next CSeq; what else the method needs is the caller's.
  [[nodiscard]] Message request(Method method);
  [[nodiscard]] Message request(std::string_view method_name);
  // The ACK to a 2xx carries the number of its INVITE (§13.2.2.4).
  [[nodiscard]] Message ack(std::uint32_t invite_cseq) const;
  [[nodiscard]] std::uint32_t next_cseq() { return ++local_cseq_; }
  [[nodiscard]] NextHop next_hop() const;
  // The URI that it is made of: the first route, or else the remote target.
  [[nodiscard]] std::string next_uri() const;

  // §12.2.2: false for a request that is older than one seen before (500); otherwise its number is kept.
  bool in_order(const Message& request);
  // The Contact of a target refresh (§12.2.1.2, §12.2.2); a message without one changes nothing.
  void refresh_target(const Message& message);

  // Our address changed: requests leave by another UDP socket and tell the peer of it by their Contact. A
  // dialog over a connection finds its new one by itself.
  void move(SocketId socket, const IpAddress& ip) {
    if (flow_.transport == Transport::udp) flow_.socket = socket;
    if (!ip.is_unspecified()) flow_.local.ip = ip;
  }
  // Where the name in its next hop leads: the peer may speak from there.
  void set_peer_addresses(std::vector<IpAddress> addresses) { peer_addresses_ = std::move(addresses); }
  [[nodiscard]] const std::vector<IpAddress>& peer_addresses() const { return peer_addresses_; }
  // Whether its way is a server's of the line. Only then may NOTIFY and REFER that come by it steer us.
  [[nodiscard]] bool is_by_server() const { return is_by_server_; }
  void set_by_server(bool is) { is_by_server_ = is; }
  // A REFER came in it before: the notifications of further ones carry an id (RFC 3515 §2.4.6).
  [[nodiscard]] bool was_referred() const { return was_referred_; }
  void note_refer() { was_referred_ = true; }

  // Index key: Call-ID, our tag, the peer's tag.
  [[nodiscard]] std::string key() const { return key(call_id_, local_tag_, remote_tag_); }
  [[nodiscard]] static std::string key(std::string_view call_id, std::string_view local_tag,
                                       std::string_view remote_tag);

  [[nodiscard]] const std::string& call_id() const { return call_id_; }
  [[nodiscard]] const std::string& local_tag() const { return local_tag_; }
  [[nodiscard]] const std::string& remote_tag() const { return remote_tag_; }
  [[nodiscard]] const std::string& remote_target() const { return remote_target_; }
  [[nodiscard]] std::string local_uri() const;
  [[nodiscard]] std::string remote_uri() const;
  [[nodiscard]] const std::vector<std::string>& route_set() const { return route_set_; }
  [[nodiscard]] const Flow& flow() const { return flow_; }
  [[nodiscard]] bool is_ours() const { return is_ours_; }  // we sent the request that made it
  // The secure flag of §12.1.1 and §12.1.2: made by a request to a sips: URI. Our Contact in it is one, too.
  [[nodiscard]] bool is_secure() const { return is_secure_; }

 private:
  Message build(Message request, std::uint32_t cseq) const;
  [[nodiscard]] std::string target_uri() const;

  std::string call_id_, local_tag_, remote_tag_;
  std::string local_, remote_;  // From and To of our requests, tags included
  std::string remote_target_;
  std::vector<std::string> route_set_;
  bool is_secure_ = false;
  std::uint32_t local_cseq_ = 0;
  std::optional<std::uint32_t> remote_cseq_;
  bool was_referred_ = false;
  bool is_by_server_ = true;
  std::vector<IpAddress> peer_addresses_;
  Flow flow_;
  bool is_ours_ = false;
};

// The tag of From or To; empty when there is none.
[[nodiscard]] std::string_view tag_of(const Message& message, HeaderId header);
// The number in CSeq; 0 when it does not parse (the parser has seen to that).
[[nodiscard]] std::uint32_t cseq_of(const Message& message);

}  // namespace sidetone::sip
