#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

namespace dualprior {
namespace {

using Part = std::function<void(int64_t, int64_t)>;

/** Parts that any thread may take. `part` lives until all of them are done, the job itself until the last thread has looked for one. */
struct Job {
  const Part* part;
  int64_t count, grain, parts;
  std::atomic<int64_t> next{0}, done{0};

  void Work() {
    for (int64_t i; (i = next++) < parts; done++) (*part)(i * grain, std::min(count, (i + 1) * grain));
  }
};

int Threads() {
  const char* limit = std::getenv("TF_NUM_INTRAOP_THREADS");
  const int wanted = limit == nullptr ? 0 : std::atoi(limit);
  return wanted > 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
}

/** Threads that wait for jobs, one at a time. */
class Pool {
 public:
  /** Never destroyed: its threads may wait until the process ends. */
  static Pool& Shared() {
    static Pool* pool = new Pool(Threads() - 1);
    return *pool;
  }

  /** Another operation may have the threads: then this one works alone. */
  void Run(const std::shared_ptr<Job>& job) {
    std::unique_lock<std::mutex> turn(turn_, std::try_to_lock);
    if (turn.owns_lock() && workers_ > 0) {
      {
        std::lock_guard<std::mutex> lock(mutex_);
        job_ = job;
      }
      begin_.notify_all();
    }
    job->Work();
    while (job->done < job->parts) std::this_thread::yield();
  }

 private:
  explicit Pool(int workers) : workers_(workers) {
    for (int i = 0; i < workers; i++) std::thread([this] { Loop(); }).detach();
  }

  void Loop() {
    for (std::shared_ptr<Job> job;;) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        begin_.wait(lock, [&] { return job_ != job; });
        job = job_;
      }
      job->Work();
    }
  }

  const int workers_;
  std::mutex turn_, mutex_;
  std::condition_variable begin_;
  std::shared_ptr<Job> job_;
};

}  // namespace

void ForParts(int64_t count, int64_t grain, const Part& part) {
  const int64_t parts = (count + grain - 1) / grain;
  if (parts <= 1) {
    if (count > 0) part(0, count);
    return;
  }
  const auto job = std::make_shared<Job>();
  job->part = &part;
  job->count = count;
  job->grain = grain;
  job->parts = parts;
  Pool::Shared().Run(job);
}

}  // namespace dualprior
