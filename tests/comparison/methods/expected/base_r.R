# Expected values of the comparison methods, by R and metafor: Rscript base_r.R > base_r.csv
# Each line: method, input (numbers separated by spaces), quantity, value.
suppressMessages(library(metafor))
options(digits = 17)
cat(sprintf("# %s, metafor %s\n", R.version.string, packageVersion("metafor")))
cat("method,input,quantity,value\n")
say <- function(method, input, ...) {
  values <- c(...)
  cat(sprintf("%s,%s,%s,%.17g\n", method, paste(format(input, digits = 17, trim = TRUE, scientific = FALSE), collapse = " "), names(values), values), sep = "")
}

# One rate, one share: the exact intervals.
for (case in list(c(0, 14210), c(1, 1), c(7, 420), c(22, 420), c(56, 4068), c(187, 14210), c(636, 48533), c(1232, 61823), c(120000, 9.5))) {
  test <- poisson.test(case[1], case[2])
  say("poisson.test", case, lower = test$conf.int[1], upper = test$conf.int[2])
}
for (case in list(c(0, 14), c(1, 1), c(3, 14), c(14, 14), c(26, 100), c(499, 500), c(10865, 41538))) {
  test <- binom.test(case[1], case[2])
  say("binom.test", case, lower = test$conf.int[1], upper = test$conf.int[2])
}

# Two rates: the conditional test.
for (case in list(c(11, 800, 3, 600), c(636, 48533, 683, 61184), c(0, 10, 5, 10), c(5, 10, 4, 77.25), c(22, 420, 636, 48533),
                  c(1232, 61823, 33, 10514), c(1, 1000, 1, 1000), c(40000, 9000, 41000, 9100))) {
  test <- poisson.test(case[c(1, 3)], case[c(2, 4)])
  say("poisson.test.ratio", case, value = unname(test$estimate), lower = test$conf.int[1], upper = test$conf.int[2],
      p_value = test$p.value)
}

# Two shares: Fisher's p-value as base R has it. Its estimate and interval stop at an error of 1e-4, so their equations
# are solved once more here, with Fisher's noncentral hypergeometric distribution as the help page gives it.
fisher <- function(a, m, b, n) {
  k <- a + b; least <- max(0, k - n); most <- min(m, k); x <- least:most
  chance <- function(psi) { d <- dhyper(x, m, n, k, log = TRUE) + x * log(psi); d <- exp(d - max(d)); d / sum(d) }
  root <- function(f) exp(uniroot(function(l) f(exp(l)), c(-30, 30), tol = 1e-15, maxiter = 5000)$root)
  c(value = if (a == least) 0 else if (a == most) Inf else root(function(psi) sum(x * chance(psi)) - a),
    lower = if (a == least) 0 else root(function(psi) sum(chance(psi)[x >= a]) - 0.025),
    upper = if (a == most) Inf else root(function(psi) sum(chance(psi)[x <= a]) - 0.025),
    p_value = fisher.test(matrix(c(a, m - a, b, n - b), 2))$p.value)
}
for (case in list(c(20, 100, 30, 100), c(3, 14, 9, 20), c(0, 10, 3, 10), c(300, 800, 280, 980), c(2600, 10000, 2700, 9400))) {
  say("fisher.test", case, fisher(case[1], case[2], case[3], case[4]))
}
say("p.adjust.holm", c(0.01, 0.04, 0.03, 0.005, 0.5), setNames(p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5), "holm"), 1:5))

# Control limits as counts: quantiles.
for (case in list(c(0.0131, 400), c(0.0131, 14210), c(0.5, 3), c(9.25, 744))) {
  say("qpois", case, setNames(qpois(c(.001, .00135, .025, .975, .99865, .999), case[1] * case[2]), c("l3", "ls", "l2", "u2", "us", "u3")))
}
for (case in list(c(0.26, 40), c(0.26, 4000), c(0.9, 12))) {
  say("qbinom", case, setNames(qbinom(c(.001, .00135, .025, .975, .99865, .999), case[2], case[1]), c("l3", "ls", "l2", "u2", "us", "u3")))
}

# Over-dispersion about a target: winsorised phi and the variance between units (Spiegelhalter 2012).
units <- c(20, 1000, 45, 1500, 3, 800, 1, 200, 60, 3100, 33, 2500)
odd <- seq(1, length(units), 2)
phi <- function(z, s) {
  q <- quantile(z, c(.1, .9), type = 7); zw <- pmin(pmax(z, q[1]), q[2]); i <- length(z); w <- 1 / s^2
  f <- sum(zw^2) / i
  c(phi = f, tau2 = max(0, (i * f - (i - 1)) / (sum(w) - sum(w^2) / sum(w))), p_value = pchisq(i * f, i - 1, lower.tail = FALSE))
}
o <- units[odd]; n <- units[odd + 1]; target <- sum(o) / sum(n)
s <- sqrt(target / n); say("winsorised.poisson", units, phi((o / n - target) / s, s))
s <- sqrt(target * (1 - target) / n); say("winsorised.binomial", units, phi((o / n - target) / s, s))

# A random-effects mean by metafor: Paule and Mandel's tau2, the interval of Hartung, Knapp and Roever ("adhoc").
random <- function(name, units, measure) {
  x <- units[seq(1, length(units), 2)]; n <- units[seq(2, length(units), 2)]
  args <- if (measure == "IRLN") list(xi = x, ti = n) else list(xi = x, ni = n)
  y <- do.call(escalc, c(list(measure = measure), args))
  m <- rma(y$yi, y$vi, method = "PM", test = "adhoc", control = list(tol = 1e-15, maxiter = 10000))
  q <- rma(y$yi, y$vi, method = "FE")$QE
  back <- if (measure == "IRLN") exp else plogis
  k <- length(x)
  reach <- if (k > 2) qt(.975, k - 2) * sqrt(m$tau2 + m$se^2) else NA
  say(name, units, value = back(m$b[1]), lower = back(m$ci.lb), upper = back(m$ci.ub), tau2 = m$tau2, q = q, q_p = pchisq(q, k - 1, lower.tail = FALSE),
      prediction_lower = back(m$b[1] - reach), prediction_upper = back(m$b[1] + reach))
}
random("rma.IRLN", units, "IRLN")
random("rma.IRLN", c(187, 14210, 260, 21000, 121, 9500, 90, 4400), "IRLN")
random("rma.IRLN", c(20, 1000, 0, 300, 9, 800), "IRLN")
random("rma.IRLN", c(100, 1000, 101, 1000, 99, 1000), "IRLN")
random("rma.PLO", c(20, 100, 45, 150, 3, 80, 12, 20), "PLO")
random("rma.PLO", c(0, 30, 45, 150, 20, 20), "PLO")

# A standardized rate with Dobson's interval, exact for the sum; strata as events, exposure, weight.
dobson <- function(strata) {
  o <- strata[seq(1, length(strata), 3)]; n <- strata[seq(2, length(strata), 3)]; w <- strata[seq(3, length(strata), 3)]
  rate <- sum(w * o / n) / sum(w); spread <- sqrt(sum(w^2 * o / n^2) / sum(w)^2 / sum(o)); l <- poisson.test(sum(o))$conf.int
  c(value = rate, lower = rate + spread * (l[1] - sum(o)), upper = rate + spread * (l[2] - sum(o)))
}
for (case in list(c(20, 1622, 9000, 9, 700, 2500, 2, 90, 300), c(0, 100, 1, 3, 100, 2), c(120, 5000, 1, 80, 7000, 3, 11, 900, 6))) say("dobson", case, dobson(case))
