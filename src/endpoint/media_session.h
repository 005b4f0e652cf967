// The session descriptions of one call: local and remote, pending and in force, early-dialog branches, hold
// intent against hold fact, o= version (RFC 3264, RFC 6337). Pure: texts in, texts and a MediaPlan out, so
// that it can be simulated. Call control decides when; this decides what is written.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/expected.h"
#include "base/random.h"
#include "codec/audio_format.h"
#include "codec/media_plan.h"
#include "endpoint/srtp_settings.h"

namespace sidetone::endpoint {

// Where our RTP lives; media opened it before anything is described.
struct MediaTransport {
  IpAddress ip;
  std::uint16_t rtp_port = 0;
  std::uint16_t rtcp_port = 0;
  friend bool operator==(const MediaTransport&, const MediaTransport&) = default;
};

struct MediaSettings {
  std::vector<codec::AudioFormat> enabled;  // in order of priority
  bool answer_by_offer_order = false;       // answer_sdp_priority
  bool leave_out_silence = false;           // dtx_mode
  bool hold_music = false;                  // whom we hold hears some
  bool extended_reports = false;            // offers ask the peer how it hears us (RFC 3611)
  std::chrono::milliseconds ptime{20};
  std::string origin_user = "Sidetone";
  std::string session_name = "Sidetone";
  std::uint64_t session_id = 1;
  SrtpSettings srtp;
  Random* random = nullptr;  // of keys: there unless SRTP is disabled
};

class MediaSession {
 public:
  explicit MediaSession(MediaSettings settings);
  ~MediaSession();

  // Before any description is made; later ones are told to the peer by the next description.
  void set_transport(MediaTransport transport);
  // Whether the description in force, if there is one, names another transport.
  [[nodiscard]] bool has_moved() const;
  // Whether the peer took both the secured and the plain line of an offer. The next one has only one.
  [[nodiscard]] bool has_spare_line() const;
  [[nodiscard]] bool has_transport() const;
  [[nodiscard]] const std::optional<MediaTransport>& transport() const;
  [[nodiscard]] bool is_at(const IpAddress& ip) const;
  [[nodiscard]] const IpAddress& ip() const;  // of the transport, which must be there

  void set_hold(bool wanted);     // intent: shapes the next offer or answer
  void allow_send(bool allowed);  // consent: while false, plan()->send is false whatever was negotiated

  // The peer's key nears the end of its life (RFC 4568 §6.1): the next offer has a new one of ours, whose
  // answer should bring one of the peer's. Wanted until an answer has come, or an offer with another key.
  void renew_keys();
  [[nodiscard]] bool wants_new_keys() const;

  // Our offers. One is pending until take_answer() or rollback(); early answers leave it pending.
  // `solicited`: the peer asked for it (an INVITE without a description).
  [[nodiscard]] std::string make_offer(bool solicited = false);
  // `heard`: plan() is of the latest one that is to be heard, if there is any.
  Expected<void> take_early_answer(std::uint64_t branch, std::string_view answer, bool heard = true);
  // 2xx: with a description, or without one when a branch has brought it before. A fault ends the pending
  // offer, too: what was in force stays so, and the caller ends the call or lives with it. A re-offer whose
  // audio is refused with port 0 is no fault: the plan is then silent.
  Expected<void> take_answer(std::string_view answer);
  Expected<void> commit_branch(std::uint64_t branch);
  void rollback();  // 491, 488, CANCEL: what was in force stays in force
  [[nodiscard]] bool offer_pending() const;

  // Their offers. Fault::syntax and Fault::limit: 400, Fault::unsupported: 488, Fault::state (our own offer
  // is pending): 491.
  // The first one, before there is a transport, which will be at `ip`; changes nothing. One that has streams
  // and switches all of them off is refused, too: there is nothing to ring for.
  Expected<void> check_first_offer(std::string_view offer, const IpAddress& ip) const;
  Expected<std::string> answer(std::string_view offer);  // in force at once

  // Facts. The plan is that of the description in force, or of the latest early answer before there is one;
  // nothing while no audio has ever been agreed.
  [[nodiscard]] bool established() const;
  [[nodiscard]] bool held_by_us() const;
  [[nodiscard]] bool held_by_peer() const;
  [[nodiscard]] std::optional<codec::MediaPlan> plan() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::endpoint
