#include "endpoint/dtmf_sending.h"

#include <utility>

namespace sidetone::endpoint {

bool DtmfSending::is_sendable(const std::string& digits) {
  return !digits.empty() && digits.size() <= digits_max &&
         digits.find_first_not_of("0123456789*#ABCDabcd,") == std::string::npos;
}

bool DtmfSending::push(std::string digits, DtmfTiming timing) {
  if (digits.size() > digits_max - waiting_) return false;
  waiting_ += digits.size();
  batches_.push_back({std::move(digits), 0, timing});
  return true;
}

std::string DtmfSending::left() const {
  return batches_.empty() ? std::string() : batches_.front().digits.substr(batches_.front().sent);
}

DtmfTiming DtmfSending::timing() const { return batches_.empty() ? DtmfTiming{} : batches_.front().timing; }

std::optional<DtmfSending::Sent> DtmfSending::advance() {
  if (!method_) return std::nullopt;  // given up meanwhile
  auto& batch = batches_.front();
  --waiting_;
  if (++batch.sent < batch.digits.size()) return std::nullopt;
  Sent sent{std::move(batch.digits), *std::exchange(method_, std::nullopt)};
  batches_.pop_front();
  return sent;
}

std::optional<DtmfSending::Sent> DtmfSending::turn_back() {
  if (!method_) return std::nullopt;
  auto& batch = batches_.front();
  Sent sent{batch.digits.substr(0, batch.sent), *std::exchange(method_, std::nullopt)};
  batch = {left(), 0, batch.timing};
  if (sent.digits.empty()) return std::nullopt;
  return sent;
}

std::size_t DtmfSending::give_up() {
  batches_.clear();
  method_.reset();
  return std::exchange(waiting_, 0);
}

}  // namespace sidetone::endpoint
