// One phone of the simulated contact centre: the production endpoint core on the production SIP stack, with
// media without sound and a user who only knows what events told.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "endpoint/endpoint_core.h"
#include "sim/media_desk.h"
#include "sim/mutation.h"
#include "sim/name_server.h"
#include "sim/node.h"
#include "sim/phone_faults.h"
#include "sim/shadow.h"
#include "sim/sip_truth.h"

namespace sidetone::sim {

struct PhoneSettings {
  std::string dn, password, display_name;
  Address server;  // where the lines register, unless they follow the names
  bool named = false, any_transport = false;
  std::optional<Duration> client_timeout;  // sip_transaction_timeout
  std::chrono::seconds session_expires{1800};
  bool patient_user = false;  // talks, and ends nothing
  int lines = 1;              // at most two, each with a socket of its own, all with the same DN
  bool tcp = false;
  bool auto_answer = false;
  bool reject_when_busy = false;
  bool offer_order = false;
  DtmfMethod dtmf_method = DtmfMethod::rfc2833;
  std::chrono::seconds register_expires{90};
  std::vector<codec::AudioFormat> codecs;
};

class Phone final : public Node {
 public:
  // Somebody's first sound packet; the world finds out who hears it.
  using SoundBegins = std::function<void(Phone&, CallId, const MediaDesk::CallMedia&, Time)>;

  Phone(PhoneSettings settings, IpAddress ip, Network& network, NameServer& names, EventQueue& queue,
        std::uint64_t seed, Mutation mutation, Trace& trace, Verdict& verdict, SoundBegins sound_begins);

  void start(Time now);
  void command(const Command& command, Time now);
  // The phone's configuration is another one from now on; a sleeping one has not noticed.
  void reconfigure(PhoneSettings settings, Time now);
  // After fall_asleep(): `told` is how long the machine believes to have slept.
  void resume(bool clock_stood_still, Duration told, Time now);
  void hear_first_packet(CallId call, Time now);

  [[nodiscard]] sip::Stack& stack() override { return stack_; }
  void on_time(Time now) override;
  void drain(Time now) override;
  [[nodiscard]] std::optional<Deadline> deadline() const override;

  [[nodiscard]] const PhoneSettings& settings() const { return settings_; }
  [[nodiscard]] const Shadow& shadow() const { return shadow_; }
  [[nodiscard]] const MediaDesk& media() const { return media_; }
  [[nodiscard]] std::size_t calls_alive() const { return core_.calls_alive(); }
  // Calls that the endpoint itself counts as not yet over.
  [[nodiscard]] std::size_t live_calls() const { return live_calls_; }
  // When anything about the call last changed, as far as a user or the media side can see.
  [[nodiscard]] Time last_change(CallId call) const;
  [[nodiscard]] Time last_refused_change(CallId call) const;
  [[nodiscard]] std::optional<Time> added_at(CallId call) const;
  // When the user said "answer" to a call that rang.
  [[nodiscard]] const std::map<CallId, Time>& answers_given() const { return answers_given_; }
  [[nodiscard]] const std::map<CallId, Time>& hang_ups() const { return hung_up_; }
  [[nodiscard]] Snapshot snapshot() const { return core_.snapshot(); }
  // Sessions of the SIP core that no call of the snapshot stands for: hung up, and not yet confirmed.
  [[nodiscard]] std::size_t sessions_without_call() const;
  [[nodiscard]] Random& random() { return random_; }
  // Calls that were added and whose user has not looked yet.
  [[nodiscard]] std::vector<CallId> take_new_incoming() { return std::exchange(new_incoming_, {}); }
  // Digits that were asked for and neither reported nor refused.
  [[nodiscard]] const std::map<CallId, Time>& digits_awaited() const { return digits_awaited_; }

 protected:
  void ask(const sip::DnsQuery& query, Time now) override;
  sip::Bytes outgoing(sip::Bytes bytes, Time now) override { return faults_.outgoing(std::move(bytes), now); }

 private:
  static constexpr int lines_max = 2;
  [[nodiscard]] std::vector<sip::SocketId> bind_lines();
  [[nodiscard]] endpoint::CoreSettings core_settings() const;
  [[nodiscard]] MediaDesk::Reports reports(SoundBegins sound_begins);
  // At once, or when the phone wakes.
  void tell_core(Time now, const std::function<void(Time)>& what);
  void note_consent(const sip::Event& event);
  void see(const Event& event, Time now);
  void obey(endpoint::MediaOrder order, Time now);
  void check_dial(std::size_t added_before, std::size_t failed_before, Time now);
  void check_sound(const Snapshot& snapshot, Time now);
  void check_change(const std::map<CallId, CallSnapshot>& before, Time now);

  PhoneSettings settings_;
  NameServer& names_;
  Trace& trace_;
  Verdict& verdict_;
  SeededRandom random_;
  PhoneFaults faults_;
  sip::Stack stack_;
  std::vector<sip::SocketId> line_sockets_;
  std::unique_ptr<endpoint::EndpointCore> owned_core_;
  endpoint::EndpointCore& core_;
  Shadow shadow_;
  MediaDesk media_;
  std::set<CallId> consented_;      // the user, the policy or the server said yes
  std::map<CallId, Time> hung_up_;  // the user said no more
  std::map<CallId, Time> digits_awaited_;
  std::map<CallId, Time> changed_, change_refused_, added_, answers_given_;
  Registrations registrations_;
  std::vector<CallId> new_incoming_;
  std::size_t live_calls_ = 0;
  bool dirty_ = true;
};

}  // namespace sidetone::sim
