// A phone without policies: it rings, answers and takes offers as it is told beforehand, and knows from each
// description whom it speaks to.
#pragma once

#include "sdp/session_description.h"
#include "sip/message/alerting.h"
#include "sip/message/headers.h"
#include "wire.h"

namespace sidetone::test {

class ScriptPhone {
 public:
  ScriptPhone(Wire& wire, std::string dn, std::string_view address, Address server)
      : node(wire.add(dn, address)), dn_(std::move(dn)), server_(server) {
    node.on_event = [this](const sip::Event& event) {
      std::visit([this](const auto& value) { on(value); }, event);
    };
    sip::Account account;
    account.uri = fmt::format("sip:{}@{}", dn_, server.ip.to_string());
    account.server = sip::NextHop{sip::Transport::udp, server.ip.to_string(), server.port, node.udp, {}};
    account.register_expires = seconds(3600);
    account_ = node.stack.add_account(std::move(account), wire.now());
    wire.settle(node);
  }

  // --- how it behaves
  enum class Answer { at_once, when_told, never } answer = Answer::at_once;  // to INVITEs
  int refuse_with = 0;                                                       // INVITEs
  int refuse_offers_with = 0;                                                // re-INVITEs
  bool rings = true;
  bool holds = false;                   // its user has pressed hold; NOTIFY talk presses it again
  bool offers_nothing = false;          // when it is asked for an offer: its 200 has none
  bool refuses_delayed_offers = false;  // INVITEs without a description get 488

  // --- what its user does
  sip::SessionId dial(const std::string& to) {
    sip::Invite invite;
    invite.account = account_;
    invite.target = fmt::format("sip:{}@{}", to, server_.ip.to_string());
    invite.sdp = describe();
    const auto session = node.stack.invite(std::move(invite), node.now());
    EXPECT_TRUE(session);
    node.wire.settle(node);
    return session ? *session : sip::SessionId{};
  }
  void pick_up() {
    if (!ringing) throw Missing(dn_ + " does not ring");
    accept(ringing);
    node.wire.settle(node);
  }
  void hang_up() {
    for (const auto session : std::vector<sip::SessionId>(up))
      static_cast<void>(node.stack.end(session, {}, node.now()));
    node.wire.settle(node);
  }
  void unregister() {
    node.stack.unregister(account_, node.now());
    node.wire.settle(node);
  }
  // Its own hold or whatever else it offers by itself.
  void offer(sip::SessionId session) {
    EXPECT_TRUE(node.stack.offer(session, describe(), node.now()));
    node.wire.settle(node);
  }

  std::string describe_again() { return describe(); }

  // --- what it knows
  // "10.0.0.2": where its sound goes; "-": nowhere, held.
  [[nodiscard]] std::string speaks_to(sip::SessionId session) const {
    const auto found = remote.find(session);
    if (found == remote.end()) return "?";
    const auto parsed = sdp::SessionDescription::parse(found->second);
    if (!parsed || parsed->media.empty()) return "?";
    const auto* connection = parsed->connection_of(parsed->media.front());
    if (connection == nullptr || connection->address == "0.0.0.0") return "-";
    return parsed->media.front().port == 0 ? "-" : connection->address;
  }
  [[nodiscard]] std::string speaks_to() const { return up.empty() ? "?" : speaks_to(up.back()); }
  [[nodiscard]] std::string ip() const { return node.address.ip.to_string(); }

  Node& node;
  std::map<sip::SessionId, std::string> remote;  // the peer's last description
  Kept<sip::SessionId> up;                       // calls, oldest first; rings are none
  std::map<sip::SessionId, std::string> uuids;   // X-Genesys-CallUUID, as last told
  sip::SessionId ringing;
  std::vector<std::string> notified;  // packages
  std::vector<sip::MessagePtr> invites;
  std::vector<sip::IncomingRefer> referred;
  // o= lines that each session was told: RFC 3264 §8
  std::map<sip::SessionId, std::vector<sdp::SessionDescription>> told;

 private:
  std::string describe() {
    ++version_;
    return fmt::format(
        "v=0\r\no={} {} {} IN IP4 {}\r\ns=-\r\nc=IN IP4 {}\r\nt=0 0\r\nm=audio {} RTP/AVP 0 8 101\r\n"
        "a=rtpmap:101 telephone-event/8000\r\n{}",
        dn_, 1000 + std::stoul(dn_), version_, ip(), ip(), 20000 + 2 * (version_ % 100),
        holds ? "a=inactive\r\n" : "");
  }
  void learn(sip::SessionId session, const std::string& sdp, bool takes = true) {
    if (sdp.empty()) return;
    if (takes) remote[session] = sdp;
    if (auto parsed = sdp::SessionDescription::parse(sdp)) told[session].push_back(std::move(*parsed));
  }
  void accept(sip::SessionId session) {
    ringing = {};
    if (node.stack.accept(session, describe(), {}, node.now())) up.push_back(session);
  }

  template <typename Event>
  void on(const Event&) {}
  void on(const sip::IncomingInvite& event) {
    invites.push_back(event.request);
    if (refuse_with != 0 || (refuses_delayed_offers && event.sdp.empty())) {
      const int status = refuse_with != 0 ? refuse_with : 488;
      if (rings) static_cast<void>(node.stack.provisional(event.session, {}, node.now()));
      static_cast<void>(node.stack.reject(event.session, {.status = status}, node.now()));
      return;
    }
    learn(event.session, event.sdp);
    note_uuid(event.session, event.request);
    ringing = event.session;
    if (rings) static_cast<void>(node.stack.provisional(event.session, {}, node.now()));
    if (answer == Answer::at_once) accept(event.session);
  }
  void on(const sip::Accepted& event) {
    learn(event.session, event.sdp);
    note_uuid(event.session, event.response);
    up.push_back(event.session);
    if (referred_call_ == event.session) tell_referrer(200);
    if (event.needs_ack) static_cast<void>(node.stack.ack(event.session, describe(), node.now()));
  }
  void on(const sip::Confirmed& event) { learn(event.session, event.sdp); }
  void note_uuid(sip::SessionId session, const sip::MessagePtr& message) {
    const auto uuid = message ? message->value(sip::HeaderId::x_genesys_calluuid) : std::string_view{};
    if (!uuid.empty()) uuids[session] = uuid;
  }
  void on(const sip::OfferReceived& event) {
    note_uuid(event.session, event.request);
    learn(event.session, event.sdp, refuse_offers_with == 0);
    if (refuse_offers_with != 0)
      static_cast<void>(node.stack.refuse_offer(event.session, {.status = refuse_offers_with}, node.now()));
    else
      static_cast<void>(node.stack.answer_offer(
          event.session, offers_nothing && event.sdp.empty() ? std::string() : describe(), node.now()));
  }
  void on(const sip::OfferConfirmed& event) { learn(event.session, event.sdp); }
  void on(const sip::OfferAnswered& event) {
    learn(event.session, event.sdp);
    if (event.needs_ack) static_cast<void>(node.stack.ack(event.session, describe(), node.now()));
  }
  void on(const sip::SessionEnded& event) {
    std::erase(up, event.session);
    if (ringing == event.session) ringing = {};
    if (referred_call_ == event.session) tell_referrer(event.status == 0 ? 487 : event.status);
  }
  void on(const sip::ProvisionalReceived& event) {
    if (referred_call_ == event.session && event.status > 100) tell_referrer(event.status);
  }
  void on(const sip::IncomingRequest& event) {
    const std::string package(event.request->value(sip::HeaderId::event));
    static_cast<void>(node.stack.respond(event.id, {}, node.now()));
    notified.push_back(package);
    if (package == "talk" && ringing && answer == Answer::when_told) accept(ringing);
    if (package == "talk" && std::exchange(holds, false))
      static_cast<void>(node.stack.offer(event.session, describe(), node.now()));
  }
  void on(const sip::IncomingRefer& event) {
    referred.push_back(event);
    if (refuse_offers_with != 0) {
      static_cast<void>(node.stack.respond(event.id, {.status = refuse_offers_with}, node.now()));
      return;
    }
    const auto progress = node.stack.accept_refer(event.id, node.now());
    if (!progress) return;
    referral_ = *progress;
    sip::Invite invite;
    invite.account = account_;
    invite.target = event.refer_to.uri;
    invite.sdp = describe();
    invite.headers.push_back({"Referred-By", event.referred_by});
    if (!event.refer_to.replaces.empty()) invite.headers.push_back({"Replaces", event.refer_to.replaces});
    if (const auto session = node.stack.invite(std::move(invite), node.now())) referred_call_ = *session;
  }
  void tell_referrer(int status) {
    if (referral_) static_cast<void>(node.stack.notify_refer(referral_, status, {}, node.now()));
    if (status >= 200) referral_ = {};
  }

  std::string dn_;
  Address server_;
  sip::AccountId account_;
  std::uint64_t version_ = 0;
  sip::SessionId referred_call_;
  sip::SubscriptionId referral_;
};

}  // namespace sidetone::test
