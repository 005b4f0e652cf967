// The endpoint's heart: lines, calls and the commands upon them, over the SIP core. Sans-IO: commands, SIP
// events and media facts go in with their time; events for the user and orders for the media side come out
// and are polled until dry. The engine drives it for real, the simulator in virtual time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/strong_id.h"
#include "endpoint/call.h"
#include "endpoint/core_settings.h"
#include "endpoint/device_control.h"
#include "endpoint/dial_target.h"
#include "endpoint/outbox.h"
#include "endpoint/server_order.h"
#include "endpoint/tone_control.h"
#include "endpoint/transfers.h"
#include "sidetone/commands.h"
#include "sip/stack.h"

namespace sidetone::endpoint {

class EndpointCore {
 public:
  EndpointCore(CoreSettings settings, sip::Stack& stack, Random& random, LogSink& log);

  void start(Time now);  // lines begin to register
  // The configuration has changed. Calls go on as they began; what comes next is by the new settings. A line
  // that is another one now leaves its server and registers at the new one; the calls that it has stay.
  void reconfigure(CoreSettings settings, Time now);

  // --- inputs
  void handle(const Command& command, Time now);
  void handle(sip::Event event, Time now);
  void media_ready(CallId call, MediaTransport transport, Time now);
  void media_failed(CallId call, Error error, Time now);
  void media_not_moved(CallId call, const Error& error);
  void media_warning(const Error& error);  // something to tell, nothing to end
  void media_started(CallId call);
  void media_flows(CallId call, bool flows, Time now);  // packets come, or have not come for a while
  void digit_heard(CallId call, char digit, std::chrono::milliseconds duration, DtmfMethod method, Time now);
  void digits_sent(CallId call, std::size_t count, Time now);
  void file_played(CallId call, const std::optional<Error>& error);
  void recording_ended(CallId call, const Error& error);
  void media_inactive(CallId call, Time now);  // for as long as the plan's inactivity_max
  void media_key_ages(CallId call, Time now);  // the peer's SRTP key nears its lifetime
  void media_key_used_up(CallId call);
  // The alarm's new state, when it changes.
  std::optional<bool> quality(CallId call, const CallStatistics& statistics, bool announce);
  void quality_report(QualityReport report, Time now);  // to the user, and to the collector if there is one
  void media_closed(CallId call, const CallStatistics& statistics, Time now);
  // The line has another address: `socket` (UDP lines) is bound there, new calls have their media there. It
  // registers anew, and the running calls that were at its old address follow: their signalling at once,
  // their media when the registrar has answered, because a server that knows the line at the new address only
  // may take no re-INVITE from there before.
  void move_line(LineId line, sip::SocketId socket, const Address& local, Time now);
  // Calls of accounts that the configuration has taken away: no line leads them when the network changes.
  // Where they are, and their way from an address that is gone. They are told at once, for nothing registers.
  [[nodiscard]] std::vector<IpAddress> addresses_of_former_lines() const;
  void move_former_calls(const IpAddress& from, sip::SocketId socket, const IpAddress& to, Time now);
  void set_devices(device::DeviceList devices, Time now);
  void device_failed(const DeviceFailure& failure, Time now);
  void device_lost(const std::string& why, Time now);
  void tone_ended(std::uint64_t order, Time now);
  void tone_failed(std::uint64_t order, const std::string& device, const std::string& why, Time now);
  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;

  // --- outputs
  std::optional<Event> poll_event();
  std::optional<MediaOrder> poll_media();

  // --- facts
  [[nodiscard]] Snapshot snapshot() const;
  [[nodiscard]] std::optional<ReportFacts> report_facts(CallId call) const;
  [[nodiscard]] std::size_t calls_alive() const { return calls_.size(); }
  [[nodiscard]] bool stopped() const { return stopped_; }
  // The SIP sessions that are calls, for whoever compares the two.
  [[nodiscard]] const std::unordered_map<sip::SessionId, CallId>& sessions() const {
    return call_of_session_;
  }
  [[nodiscard]] std::optional<LineId> line_of(sip::AccountId account) const;

 private:
  struct Line {
    LineSnapshot shown;
    CoreLine settings;
    sip::AccountId account;
    std::optional<IpAddress> left;  // its calls there follow when it has registered anew
  };

  void add_line(const CoreLine& settings);
  void open_line(Line& line, Time now);
  void change_line(Line& line, const CoreLine& settings, Time now);
  void change_lines(Time now);
  void move_calls(Line& line, Time now);
  [[nodiscard]] bool is_former(const Call& call) const;  // of an account that was removed
  void warn_of_readable_keys(const Line& line, Time now);
  void dial(const Dial& command, Time now);
  // --- what sends calls elsewhere (endpoint_transfer_commands.cpp)
  [[nodiscard]] Expected<DialTarget> resolve(const std::string& target, const CoreLine& line) const;
  [[nodiscard]] Expected<DialTarget> resolve(const std::string& target, const Call& call) const;
  void redirect(const Redirect& command, Time now);
  void transfer(const Transfer& command, Time now);
  void complete_transfer(const CompleteTransfer& command, Time now);
  void swap(Time now);
  Expected<void> resume(Call& call, Time now);
  void hang_up_all(Time now);
  [[nodiscard]] bool is_another_active(CallId but) const;
  void stop(Time now);
  void finish_stop_if_done(Time now);
  void with_call(std::string_view name, CallId call, const std::function<Expected<void>(Call&)>& wish);
  void command_failed(std::string_view name, CallId call, const Error& error);
  void hold_what_the_server_does_not(CallId but, Time now);
  void hold_others(CallId but, Time now, std::optional<CallId> nor = {});  // a conference is one among them
  Expected<void> resume_conference(Time now);
  // It holds the others, but for one.
  Call& start_call(CallParties parties, sip::Invite invite, Time now, std::optional<CallId> goes_on = {});
  void send_invite(Call& call, Time now);
  void name_in_log(sip::SessionId session, const Call& call) const;
  Call& add_call(CallParties parties);
  struct Refusal {
    int status = 480;
    std::string reason;  // to be told to the user
  };
  std::optional<Refusal> refusal_of_new_call(bool replaces) const;
  void refuse_call_in_words(const std::string& which, const Refusal& refusal);
  void answer_if_allowed(Call& call, Time now);
  Line* choose_line(const std::optional<LineId>& wanted);

  void on(const sip::RegistrationChanged& event, Time now);
  void on(const sip::AddressSeen& event, Time now);
  void on(const sip::IncomingInvite& event, Time now);
  void on(const sip::ProvisionalReceived& event, Time now);
  void on(const sip::Accepted& event, Time now);
  void on(const sip::Confirmed& event, Time now);
  void on(const sip::OfferReceived& event, Time now);
  void on(const sip::OfferConfirmed& event, Time now);
  void on(const sip::OfferAnswered& event, Time now);
  void on(const sip::OfferFailed& event, Time now);
  void on(const sip::OfferGlare& event, Time now);
  void on(const sip::OfferRetryDue& event, Time now);
  void on(const sip::Redirected& event, Time now);
  void on(const sip::RefreshDue& event, Time now);
  void on(const sip::SessionEnded& event, Time now);
  void on(const sip::IncomingRequest& event, Time now);
  void on(const sip::RequestFinished& event, Time now);
  void on(const sip::IncomingRefer& event, Time now);
  void on(const sip::IncomingSubscribe& event, Time now);
  // --- orders of the server (endpoint_server_control.cpp)
  void on_notify(const sip::IncomingRequest& event, Time now);
  void obey(ServerOrder order, Call& call, const sip::Message& notify, Time now);
  void talk(Call& call, Time now);
  void send_server_digits(Call& call, const sip::Message& notify, Time now);
  // --- calls that a REFER has us make (endpoint_refer.cpp)
  [[nodiscard]] std::optional<sip::NextHop> way_of_referred_call(const std::string& target,
                                                                 const CoreLine& line) const;
  [[nodiscard]] Expected<sip::Invite, int> invite_of(const sip::IncomingRefer& refer, const Line& line) const;
  void tell_referrer(CallId call, int status, std::string_view reason, Time now);
  void tell_referrer_of_end(const Call& call, Time now);
  void on(const sip::ReferProgress& event, Time now);
  // Subscriptions of ours: the endpoint makes none yet.
  void on(const sip::SubscriptionChanged&, Time) {}
  void on(const sip::NotificationReceived&, Time) {}
  void on(const sip::NotifyDue&, Time) {}
  void on(const sip::PublicationChanged& event, Time now);

  Call* find(CallId call);  // and touches it
  void touch(CallId call) { touched_.push_back(call); }
  Call* find(sip::SessionId session);
  void after_input(Time now);  // of the calls that were touched: drops finished ones, chooses the tones

  std::shared_ptr<const CoreSettings>
      settings_;  // of the next call; each call keeps those that it began with
  sip::Stack& stack_;
  Random& random_;
  LogSink& log_;
  Outbox outbox_;
  DeviceControl devices_;
  ToneControl tones_;
  std::vector<Line> lines_;
  IdSource<CallId> call_ids_;
  std::map<CallId, std::unique_ptr<Call>> calls_;
  std::unordered_map<sip::SessionId, CallId> call_of_session_;
  std::unordered_map<CallId, sip::AccountId> account_of_call_;  // its line may have another one by now
  std::unordered_map<CallId, sip::Invite> invites_;             // of calls that wait for media
  struct Referred {
    sip::SubscriptionId asker;  // none: it wants no news
    CallId from;                // the call that the REFER came in, if any
    int told = 100;
  };
  std::unordered_map<CallId, Referred> referred_;  // until they are answered or have failed
  Transfers transfers_;
  std::vector<CallId> touched_;  // since the last after_input()
  std::optional<Time> stop_by_;
  bool shut_down_ = false, stopped_ = false;
};

}  // namespace sidetone::endpoint
