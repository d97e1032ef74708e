#include "viewer/model/loader.h"

#include <algorithm>
#include <chrono>

#include "sim/core/error.h"

namespace gemeo::view {

loader::loader(std::vector<std::filesystem::path> files, std::vector<quantity> wanted, void (*notify)())
    : files_(std::move(files)), notify_(notify), wanted_(std::move(wanted)), thread_([this] { work(); }) {}

loader::~loader() {
  {
    std::lock_guard const lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void loader::want(quantity q) {
  {
    std::lock_guard const lock(mutex_);
    if (std::find(wanted_.begin(), wanted_.end(), q) != wanted_.end()) return;
    wanted_.push_back(q);
    dirty_ = busy_ = true;
  }
  wake_.notify_all();
}

void loader::want_vehicles(double time_s) {
  {
    std::lock_guard const lock(mutex_);
    vehicles_at_ = time_s;
  }
  wake_.notify_all();
}

std::optional<loader::news> loader::poll() {
  std::lock_guard const lock(mutex_);
  std::optional<news> n;
  n.swap(news_);
  return n;
}

bool loader::busy() const {
  std::lock_guard const lock(mutex_);
  return busy_;
}

void loader::tell(news n) {
  {
    std::lock_guard const lock(mutex_);
    if (!news_) news_.emplace();
    if (n.base) {
      news_->base = n.base;
      news_->other = n.other;
      news_->problem.clear();
    }
    if (n.steps) news_->steps = n.steps;
    if (!n.problem.empty()) {
      news_->problem = n.problem;
      news_->failed_first = n.failed_first;
      news_->exit_code = n.exit_code;
    }
  }
  if (notify_ != nullptr) notify_();
}

void loader::work() {
  bool first = true;
  for (;;) {
    bool again = false;
    std::optional<double> vehicles_at;
    {
      std::unique_lock lock(mutex_);
      busy_ = false;
      wake_.wait_for(lock, std::chrono::duration<double>(kLookEvery_s),
                     [&] { return stop_ || dirty_ || vehicles_at_; });
      if (stop_) return;
      again = dirty_;
      dirty_ = false;
      vehicles_at.swap(vehicles_at_);
      busy_ = again;
    }
    bool const grown = std::any_of(documents_.begin(), documents_.end(), [](auto const& d) { return has_changed(*d); });
    if (again || (grown && !vehicles_at)) first = !read_files(first) && first;
    if (vehicles_at && !documents_.empty()) read_vehicles(*vehicles_at);
  }
}

bool loader::read_files(bool first) {
  std::vector<quantity> wanted;
  {
    std::lock_guard const lock(mutex_);
    wanted = wanted_;
  }
  try {
    std::vector<std::shared_ptr<document const>> now;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      now.push_back(load_document(files_[i], wanted, i < documents_.size() ? documents_[i] : nullptr));
    }
    bool const moved = documents_.empty() || documents_.front()->bytes != now.front()->bytes ||
                       documents_.front()->path != now.front()->path;
    documents_ = std::move(now);
    if (moved) vehicles_.reset();
    news n;
    n.base = documents_.front();
    n.other = documents_.size() > 1 ? documents_[1] : nullptr;
    tell(std::move(n));
    return true;
  } catch (error const& e) {
    // While a run is writing, a moment may come that cannot be read: what has been read stays on the screen.
    news n;
    n.problem = e.what();
    n.failed_first = first;
    n.exit_code = e.exit_code();
    tell(std::move(n));
  } catch (std::exception const& e) {
    news n;
    n.problem = e.what();
    n.failed_first = first;
    n.exit_code = 1;
    tell(std::move(n));
  }
  return false;
}

void loader::read_vehicles(double time_s) {
  if (documents_.front()->trajectory_steps == 0) return;
  try {
    if (!vehicles_) vehicles_ = std::make_unique<trajectory_source>(documents_.front()->path);
    auto const pair = vehicles_->around(time_s);
    if (pair == nullptr || pair == told_) return;
    told_ = pair;
    news n;
    n.steps = pair;
    tell(std::move(n));
  } catch (std::exception const& e) {
    vehicles_.reset();
    news n;
    n.problem = e.what();
    tell(std::move(n));
  }
}

}  // namespace gemeo::view
