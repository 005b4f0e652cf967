// The SIP core as its users see it: accounts, registrations, INVITE sessions and other requests, for a user
// agent and for a back-to-back user agent alike. Sans-IO: inputs carry the time, outputs are polled until
// dry. Session descriptions are opaque text here.
//
//   stack.handle_datagram(socket, from, bytes, now);
//   while (auto io = stack.poll_io()) driver.carry_out(*io);
//   while (auto event = stack.poll_event()) user.handle(*event, now);   // and poll again after commands
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"
#include "sip/auth/digest.h"
#include "sip/guard/guard_settings.h"
#include "sip/message/message.h"
#include "sip/publication/publication_types.h"
#include "sip/refer/refer_types.h"
#include "sip/stack_types.h"
#include "sip/subscription/subscription_types.h"
#include "sip/transaction/transaction_layer.h"
#include "sip/transport/seen_address.h"

namespace sidetone::sip {

// Session timers (RFC 4028). They are always understood; `enabled` says whether we ask for one.
struct SessionTimerSettings {
  bool enabled = true;
  std::chrono::seconds expires{1800};
  std::chrono::seconds min{90};  // shorter wishes get 422; never below 90 s (§5)
};

struct StackSettings {
  TransportSettings transport;
  TimerSettings timers;
  std::string user_agent = "Sidetone";
  bool server_role = false;  // lab: no account needed, any request comes up, User-Agent becomes Server
  std::size_t sessions_max = 10000;
  // When a flow is lost or the network changes, lines register again within this: a server that returns must
  // not be met by all its phones at once.
  Duration recovery_spread = std::chrono::seconds(4);
  SessionTimerSettings session_timer;
  // Places that one call may be redirected to in all (RFC 3261 §8.1.3.4); 0: a 3xx ends the call.
  std::size_t redirects_max = 10;
  // A call of ours that shows no progress for so long is cancelled, as a proxy's timer C would (§16.8); its
  // callee repeats a provisional response each minute (§13.3.1.1). 0: for ever.
  std::chrono::seconds progress_max{200};
  // A call to us that its user does not answer for so long gets 480. 0: for ever. Expires in the INVITE may
  // be shorter (§13.3.1).
  std::chrono::seconds ring_max{1800};
  // Methods that the user takes as IncomingRequest, IncomingSubscribe or IncomingRefer; Allow says so. What
  // is neither in here nor the stack's own business gets 405 (§8.2.1). A NOTIFY that belongs to a
  // subscription of ours is the stack's. Server role: whatever else there is comes up as well.
  std::vector<Method> user_methods{Method::info, Method::refer, Method::notify, Method::subscribe,
                                   Method::message};
  std::vector<std::string> info_packages;  // Recv-Info (RFC 6086); an INFO of another one gets 469
  // Event packages that may be subscribed to here (RFC 6665 §4.2); others get 489. Server role: none named
  // means that all come up.
  std::vector<std::string> event_packages;
  // Packages whose NOTIFY comes up without any subscription: third-party control within calls, message
  // waiting and reload outside of them. Others get 489, in the server role all come up.
  std::vector<std::string> unsolicited_packages{"talk", "hold", "dtmf", "message-summary", "check-sync"};
  // What a peer's subscription may last: shorter ones get 423, longer ones are shortened.
  std::chrono::seconds subscription_expires_min{60}, subscription_expires_max{3600};
  // Bounds: some dozens of watched neighbours a line; 10,000 lines with a mailbox and a few more.
  std::size_t subscriptions_max = 40000, subscriptions_per_account_max = 200;
  GuardSettings guard;  // whose requests are listened to
};

// One identity. Without `server` (server role) requests go where their URI says.
struct Account {
  std::string uri;  // AOR: "sip:7001@lab.example"
  std::string display_name;
  std::string contact_user;  // user part of Contact; empty: that of uri
  Credentials credentials;
  std::optional<NextHop> server;  // registrar and outbound proxy
  // Registration (RFC 3261 §10): refreshed at about 2/3... see registration/; 0: none.
  std::chrono::seconds register_expires{0};
  // After a failure a new cycle starts after this; 0: stays failed until told (reg_interval).
  std::chrono::seconds register_retry{0};
  std::string instance_urn;  // +sip.instance when not empty (RFC 5626)
  // Behind a NAT, Contact names the address that the registrar saw (reg_match_received_rport).
  bool contact_as_seen = false;
  // Registers its flow (RFC 5626, reg-id 1): needs instance_urn and a registrar that speaks it.
  bool outbound = false;
  // Answers challenges, and adds credentials, in dialogs that the peer started: off, because whoever calls
  // and answers our BYE with 407 collects digests to guess passwords from. For servers that challenge there.
  bool authenticate_in_incoming_dialogs = false;
};

// The dialog that an INVITE shall replace, as its callee knows it: to_tag is the callee's own (RFC 3891 §4).
struct ReplacedDialog {
  std::string call_id, to_tag, from_tag;
  bool early_only = false;
};

struct Invite {
  AccountId account;
  std::string target;  // request URI
  std::string sdp;     // empty: delayed offer
  std::vector<ExtraHeader> headers;
  // B2BUA: another From than the account's, another To than the target, another hop than its server.
  std::string from_uri, from_display, to_uri;
  std::optional<NextHop> next_hop;
  std::optional<ReplacedDialog> replaces;
  bool reliable_provisionals = true;  // Supported: 100rel
  // Each reliable provisional response waits for prack(), which may then make an offer (RFC 6337 pattern 5).
  bool prack_by_user = false;
  // The callee shall not learn who calls (RFC 3323, RFC 3325): anonymous From, Privacy: id, and for the
  // line's server alone P-Preferred-Identity.
  bool anonymous = false;
};

struct Provisional {
  int status = 180;
  std::string reason;
  std::string sdp;        // early answer
  bool reliable = false;  // PRACK when the caller supports 100rel (RFC 3262), else plain
  std::vector<ExtraHeader> headers;
};

struct Response {
  int status = 200;
  std::string reason;  // empty: the usual phrase
  std::vector<ExtraHeader> headers;
  std::string body, content_type;
};

struct OutgoingRequest {  // out of dialog
  AccountId account;
  Method method = Method::options;
  std::string target;
  std::vector<ExtraHeader> headers;
  std::string body, content_type;
  std::string from_uri, from_display;
  std::optional<NextHop> next_hop;
};

// --- events

enum class RegistrationState { registering, registered, failed, unregistering, unregistered };

struct RegistrationChanged {
  AccountId account;
  RegistrationState state;
  int status = 0;  // of the last response; 0: none (timeout, transport)
  std::string text;
  std::chrono::seconds expires{0};
  std::optional<Duration> retry_in;
};
// The registrar saw us at another address than the one that we sent from: another own one (the driver moves
// the line there, move_account()), or one that a NAT made. Told once per registration, not for the one that
// corrects it.
struct AddressSeen {
  AccountId account;
  Address address;
  SeenAs as = SeenAs::translated;
};

struct IncomingInvite {  // 100 goes out by itself after 200 ms without response (RFC 3261 §17.2.1)
  SessionId session;
  AccountId account;
  MessagePtr request;
  std::string sdp;  // empty: the caller wants our offer in a reliable response or in the 200
  Flow flow;
  // The session that this one stands in for (RFC 3891): accept() ends it in the same step. Its user decides
  // whether the caller may; without a decision of its own the call is like any other.
  SessionId replaces;
  SessionId join;  // ... that it wants to be added to (RFC 3911): read only
  bool from_server =
      false;  // of the line: what it asserts (caller_of() in message/identity.h) can be believed
};
struct ProvisionalReceived {
  SessionId session;
  BranchId branch;  // none for 100 and for 1xx without To tag
  int status;
  std::string reason;
  std::string sdp;
  bool reliable;  // RFC 3262
  MessagePtr response;
  bool needs_prack = false;  // prack() must follow: `sdp` is an offer, or Invite::prack_by_user
};
// A 3xx was followed, or the next of its places is tried (RFC 3261 §8.1.3.4).
struct Redirected {
  SessionId session;
  int status;  // of the response that led there
  std::string target;
  MessagePtr response;  // may be null: that place did not answer
};
// 2xx to our INVITE. With `needs_ack` the sdp is an offer and ack() must carry the answer; else ACK was sent.
struct Accepted {
  SessionId session;
  BranchId branch;
  std::string sdp;
  bool needs_ack = false;
  MessagePtr response;
};
struct Confirmed {
  SessionId session;
  std::string sdp;
};  // ACK to our 2xx; sdp: answer to the offer in it
// Offers name the branch that they are in; before a call is answered each branch has its own (RFC 6337 §2.2).
struct OfferReceived {  // re-INVITE, UPDATE or PRACK; sdp empty: it wants our offer
  SessionId session;
  std::string sdp;
  MessagePtr request;
  BranchId branch;
};
// The ACK to our 200 of a re-INVITE, or the PRACK to our offer. `sdp`: the answer when there was an offer.
struct OfferConfirmed {
  SessionId session;
  std::string sdp;
  BranchId branch;
};
struct OfferAnswered {  // to our re-INVITE, UPDATE or PRACK
  SessionId session;
  std::string sdp;
  bool needs_ack = false;
  BranchId branch;
};
struct OfferFailed {  // the dialog goes on
  SessionId session;
  int status;
  std::string text;
  BranchId branch;
};
// Both sides re-INVITEd at once (491). The retry is due by RFC 3261 §14.1's two bands: make a *fresh* offer.
struct OfferGlare {
  SessionId session;
  Duration retry_in;
  BranchId branch;
};
struct OfferRetryDue {
  SessionId session;
  BranchId branch;
};
// The session timer wants a re-INVITE, because the peer does not take UPDATE: offer() with the description in
// force, or repeat_offer(). Without it the session expires (RFC 4028 §7.4, §10).
struct RefreshDue {
  SessionId session;
};
enum class EndCause {
  bye_received,
  bye_sent,
  cancelled_by_peer,
  cancelled,
  rejected,
  refused,
  timeout,
  transport,
  no_ack,
  dialog_gone,
  replaced,  // by another session (RFC 3891)
  expired    // nobody refreshed it (RFC 4028)
};
struct SessionEnded {  // the last event of a session; its dialogs, transactions and timers end by themselves
  SessionId session;
  EndCause cause;
  int status = 0;  // refused: the response's; a Reason header's cause otherwise
  std::string text;
  MessagePtr message;  // BYE, CANCEL or the final response; may be null
};
struct IncomingRequest {  // anything else: in a dialog when session is set. OPTIONS is answered by the stack.
  ServerRequestId id;
  AccountId account;
  SessionId session;
  MessagePtr request;
  Flow flow;
};
struct RequestFinished {  // final response to request(); status 408/503 made up for timeout/transport
  ClientRequestId id;
  SessionId session;
  int status;
  MessagePtr response;  // null when made up
};
using Event = std::variant<RegistrationChanged, AddressSeen, IncomingInvite, ProvisionalReceived, Accepted,
                           Confirmed, OfferReceived, OfferConfirmed, OfferAnswered, OfferFailed, OfferGlare,
                           OfferRetryDue, Redirected, RefreshDue, SessionEnded, IncomingRequest,
                           RequestFinished, SubscriptionChanged, NotificationReceived, IncomingSubscribe,
                           NotifyDue, ReferProgress, IncomingRefer, PublicationChanged>;

class Stack {
 public:
  Stack(StackSettings settings, Random& random, LogSink& log);
  ~Stack();

  // Sockets, connections and resolver answers: feed the transport, then call run().
  [[nodiscard]] TransportLayer& transport();
  void run(Time now);  // moves what came in up through the layers
  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;
  std::optional<IoOutput> poll_io();
  std::optional<Event> poll_event();

  // --- accounts and registration
  AccountId add_account(Account account, Time now);  // registers when register_expires > 0
  // Its calls go on, with the credentials that it had.
  void remove_account(AccountId account, Time now);  // unregisters when registered
  // Another password, name, lifetime or pause of the same identity at the same server: it registers at once.
  // For another identity or server add an account and remove the old one.
  void update_account(AccountId account, const Account& changed, Time now);
  void unregister(AccountId account, Time now);
  void register_now(AccountId account, Time now);  // at once, whatever timers run (network came back)
  [[nodiscard]] const Account* account(AccountId account) const;
  // The line sends from this UDP socket from now on (TCP and TLS lines: is at its address), and registers
  // anew after a moment, with a new Call-ID. Its calls go on from there, and their next offer tells the
  // peers; its subscriptions are refreshed after a moment, which tells theirs. Removed ones move their calls.
  void move_account(AccountId account, SocketId socket, Time now);

  void set_user_agent(std::string user_agent);  // of messages from now on

  // --- the network under us
  // The machine's own addresses, at the start and after each change. A change ends connections from addresses
  // that are gone, and has all lines register again, spread over StackSettings::recovery_spread.
  void set_addresses(std::vector<IpAddress> addresses);
  void on_network_change(std::vector<IpAddress> addresses, Time now);
  // The machine slept for so long, while `now` stood still or jumped: lines register again, and connections
  // that have been silent too long to be believed in are closed. Before a sleep there is nothing to do.
  void on_resume(Duration slept, Time now);

  // --- sessions, as caller
  Expected<SessionId> invite(Invite invite, Time now);
  Expected<void> ack(SessionId session, std::string sdp,
                     Time now);  // after Accepted/OfferAnswered with needs_ack

  // After ProvisionalReceived with needs_prack: the answer to the offer in it; else an offer, or nothing.
  Expected<void> prack(SessionId session, BranchId branch, std::string sdp, Time now);

  // --- sessions, as callee
  Expected<void> provisional(SessionId session, Provisional response, Time now);
  Expected<void> accept(SessionId session, std::string sdp, std::vector<ExtraHeader> headers, Time now);
  Expected<void> reject(SessionId session, Response response, Time now);

  // --- sessions, established
  // Re-INVITE; empty sdp asks the peer for its offer. One at a time: Fault::state while one is running.
  // In an early dialog whose first offer has its answer: UPDATE. `branch` is needed when there are several.
  Expected<void> offer(SessionId session, std::string sdp, Time now, BranchId branch = {});
  // Re-INVITE whose 2xx is acknowledged by ack(session, {}): third-party control answers its other leg first.
  // OfferAnswered has needs_ack.
  Expected<void> offer_unacknowledged(SessionId session, std::string sdp, Time now);
  // Header fields of every re-INVITE of ours from now on, instead of those set before.
  Expected<void> set_offer_headers(SessionId session, std::vector<ExtraHeader> headers);
  // Re-INVITE with the description that went out last, unchanged to its version (RFC 4028 §7.4).
  Expected<void> repeat_offer(SessionId session, Time now);
  Expected<void> answer_offer(SessionId session, std::string sdp, Time now, BranchId branch = {});  // 200
  Expected<void> refuse_offer(SessionId session, Response response, Time now,
                              BranchId branch = {});  // 488, 491, 500 ...
  // CANCEL, BYE or final error, whatever the state asks for (a 200 that crosses a CANCEL gets ACK and BYE).
  // SessionEnded follows.
  Expected<void> end(SessionId session, std::vector<ExtraHeader> headers, Time now);

  // --- other requests
  Expected<ClientRequestId> request(SessionId session, Method method, std::vector<ExtraHeader> headers,
                                    std::string body, std::string content_type, Time now);
  Expected<ClientRequestId> request(OutgoingRequest request, Time now);
  Expected<void> respond(ServerRequestId id, Response response, Time now);

  // --- events (RFC 6665), as subscriber
  Expected<SubscriptionId> subscribe(Subscribe subscribe, Time now);
  // SubscriptionChanged{terminated} follows.
  Expected<void> unsubscribe(SubscriptionId id, Time now);
  // --- as notifier: 200 to IncomingSubscribe, then notify() with the state, at once. Expires is what was
  // wanted, at most `expires`.
  Expected<SubscriptionId> accept_subscription(ServerRequestId request, std::chrono::seconds expires,
                                               bool pending, Time now);
  Expected<void> notify(SubscriptionId id, Notify notify, Time now);

  // --- REFER (RFC 3515): ReferProgress follows, until `finished`
  Expected<SubscriptionId> refer(Refer refer, Time now);
  // 202 to IncomingRefer and a first NOTIFY; no id when the peer wants no notifications (RFC 4488).
  Expected<SubscriptionId> accept_refer(ServerRequestId request, Time now);
  // What becomes of it: 1xx any number, then one final status.
  Expected<void> notify_refer(SubscriptionId id, int status, std::string reason, Time now);

  // --- PUBLISH (RFC 3903)
  Expected<PublicationId> publish(Publish publish, Time now);
  Expected<void> republish(PublicationId id, std::string body, std::string content_type, Time now);
  Expected<void> unpublish(PublicationId id, Time now);

  // --- facts
  struct DialogFacts {
    std::string call_id, local_tag, remote_tag, remote_uri, remote_target, local_uri;
    bool confirmed = false;
    Flow flow;
  };
  [[nodiscard]] std::optional<DialogFacts> dialog(SessionId session) const;
  struct Counters {
    std::size_t sessions = 0, dialogs = 0, clients = 0, servers = 0, timers = 0, connections = 0,
                requests = 0, subscriptions = 0, publications = 0;
    std::uint64_t malformed = 0, messages_in = 0, messages_out = 0, retransmissions = 0;
    GuardCounters refused;
  };
  [[nodiscard]] Counters counters() const;
  [[nodiscard]] std::vector<std::pair<std::string_view, std::uint64_t>> transitions() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::sip
