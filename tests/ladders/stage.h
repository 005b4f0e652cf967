// The stage of a scenario: three phones, the lab's server, its media server, a T-Library client; the
// production objects in virtual time. It draws what it sees as a ladder and knows who hears whom.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lab_node.h"
#include "ladder/ladder_sink.h"
#include "phone_node.h"
#include "tlib/request.h"

namespace sidetone::test {

// All that the server sends, gets and tells, as a ladder and as lines to look for.
class StageLog final : public LogSink {
 public:
  [[nodiscard]] bool wants(LogTag tag, LogLevel) const override { return tag == LogTag::lab; }
  void write(LogRecord record) override;
  [[nodiscard]] bool wants_sip() const override { return true; }
  void trace(SipRecord record) override;
  void asked(Time time, const std::string& text);
  void clear();

  lab::LadderSink ladder;
  lab::ParticipantNames names;
  // "7401 < INVITE sdp", "7401 > 200 INVITE", "EventDialing (7401,7402)"
  std::vector<std::string> lines;
};

// Who is heard: DNs, or what the media server plays ("music", "ring-back", "busy tone").
using Hears = std::map<std::string, std::set<std::string>>;

class Stage {
 public:
  explicit Stage(lab::ServerSettings settings = {});

  // The request must end well, within the time that it takes; the text of what went wrong.
  void ask(lab::tlib::RequestName name, const std::string& dn, const std::string& other = {});
  void run(Duration span);
  // By the users of the phones.
  void refuse(const std::string& dn);
  void hang_up(const std::string& dn);
  // The DN's part of a scenario that has begun already is not drawn.
  void begin_here() { log_.clear(); }

  void expect_hears(const Hears& wanted);
  // Each line behind the one before it; others may stand between.
  void expect_order(const std::vector<std::string>& wanted);
  void expect_all_over();

  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
  [[nodiscard]] const std::vector<std::string>& phases() const { return phases_; }
  [[nodiscard]] std::string ladder() const;
  [[nodiscard]] std::string ladder_svg() const;

 private:
  struct End {  // of one call
    std::string name;
    PhoneNode* phone = nullptr;
    CallId call;
    CallSnapshot seen;
  };
  PhoneNode& add(const std::string& dn, std::string_view address);
  [[nodiscard]] std::vector<End> ends() const;
  [[nodiscard]] Hears hears() const;
  [[nodiscard]] std::string played_by(const End& media) const;
  void fault(std::string text) { faults_.push_back(std::move(text)); }

  Wire wire_;
  StageLog log_;
  LabNode lab_;
  std::map<std::string, std::unique_ptr<PhoneNode>> phones_;
  std::unique_ptr<PhoneNode> media_;
  std::uint64_t requests_ = 0;
  std::vector<std::string> faults_, phases_;
};

}  // namespace sidetone::test
