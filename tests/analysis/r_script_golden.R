# The primary estimates of own, fitted again in R. The data are SIMULATED. Written by howlow; run it
# from the project's root with Rscript.
# howlow's own engine was checked against R 4.2.2 with lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2,
# mmrm 0.3.18 and nlme 3.1-162.

folder <- "own"
needed <- c("mmrm")

# ---- where the numbers are ---------------------------------------------------------------------
# `folder`, in the results beside this file's own, holds measurements.csv. To read another folder,
# give it (Rscript <this file> <folder>), or set `folder` to it after the fourth line from here.
script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
script <- gsub("~+~", " ", script, fixed = TRUE) # how Rscript writes a space
here <- if (length(script) == 1) dirname(script) else file.path("results", "r")
folder <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else file.path(here, "..", folder)

for (package in needed) suppressPackageStartupMessages(library(package, character.only = TRUE))
options(digits = 9, warn = 1)
differences <- character(0)

# ---- rows --------------------------------------------------------------------------------------
# Every cell is read as text, so that no name is taken for a number or for a missing value.
read_text <- function(name) {
  read.csv(file.path(folder, name), colClasses = "character", na.strings = character(0),
           encoding = "UTF-8", check.names = FALSE)
}

# Each word's number in the order of its first row; numbers stand for words from here on.
numbered <- function(words) match(words, unique(words))

# The rows of one outcome. `participant` and `limb` become numbers; a limb is a limb of one person.
rows_of <- function(study, outcome, variant, visits, arms) {
  table <- read_text("measurements.csv")
  kept <- table$study == study & table$outcome == outcome & table$variant == variant &
    table$visit %in% visits & table$arm %in% arms & table$value != ""
  rows <- table[kept, , drop = FALSE]
  rows$value <- as.numeric(rows$value)
  rows$code <- rows$participant
  rows$participant <- numbered(rows$participant)
  rows$limb <- numbered(paste(rows$participant, rows$limb))
  rows
}

# The rows of people all of whose limbs were seen at all these visits.
seen_at <- function(rows, visits) {
  for (visit in visits) {
    missed <- !(rows$limb %in% rows$limb[rows$visit == visit])
    rows <- rows[!(rows$participant %in% rows$participant[missed]), , drop = FALSE]
  }
  rows
}

# The rows of people who came to so many per cent of the planned sessions.
per_protocol <- function(rows, planned, per_cent) {
  people <- read_text("participants.csv")
  came <- as.numeric(people$sessions_attended[match(rows$code, people$participant)])
  rows[!is.na(came) & 100 * came >= per_cent * planned, , drop = FALSE]
}

# The rows of people of whom a covariate is known, with it: a number, or 1 where it is the word.
with_covariate <- function(rows, name, one = NULL) {
  people <- read_text("participants.csv")
  cells <- people[[name]][match(rows$code, people$participant)]
  numbers <- if (is.null(one)) as.numeric(cells) else as.numeric(cells == one)
  rows[[paste0("covariate_", name)]] <- ifelse(is.na(cells) | cells == "", NA, numbers)
  rows[!is.na(rows[[paste0("covariate_", name)]]), , drop = FALSE]
}

# Stop where the rows are not those that howlow fitted.
expect_rows <- function(rows, participants, observations) {
  found <- c(length(unique(rows$participant)), nrow(rows))
  if (!all(found == c(participants, observations))) {
    stop(sprintf("%d participants and %d rows here, but howlow fitted %d and %d",
                 found[1], found[2], participants, observations))
  }
}

# ---- columns of the mean -----------------------------------------------------------------------
# 1 in the rows of these arms at a visit. Arms that share a column share that mean.
cell <- function(rows, arms, visit) as.numeric(rows$arm %in% arms & rows$visit == visit)

# A covariate at a visit, centred over participants.
covariate <- function(rows, name, visit) {
  values <- rows[[paste0("covariate_", name)]]
  centred <- values - mean(values[!duplicated(rows$participant)])
  ifelse(rows$visit == visit, centred, 0)
}

# What the models are fitted to; columns are x1, x2, ... so that no formula holds a name.
frame_of <- function(rows, X, visits, arms, weeks = NULL) {
  colnames(X) <- paste0("x", seq_len(ncol(X)))
  visit <- match(rows$visit, visits)
  arm <- match(rows$arm, arms)
  frame <- data.frame(X, value = rows$value, occasion = visit, visit = factor(visit),
                      group = factor(arm), slot = factor((arm - 1) * length(visits) + visit),
                      participant = factor(rows$participant), limb = factor(rows$limb),
                      person_visit = factor(numbered(paste(rows$participant, visit))))
  if (!is.null(weeks)) frame$week <- weeks[visit]
  frame
}

formula_of <- function(X, rest = NULL) {
  as.formula(paste("value ~ 0 +", paste(c(paste0("x", seq_len(ncol(X))), rest), collapse = " + ")))
}

# ---- the engines: each gives estimate, standard error and degrees of freedom of weights * means --
fit_mmrm <- function(frame, X, weights, covariance, method) {
  formula <- formula_of(X, covariance)
  vcov <- if (method == "Kenward-Roger") "Kenward-Roger-Linear"
  # Tight first, as optimisers stop early by default; by default where that fails.
  fit <- tryCatch(
    mmrm(formula, data = frame, reml = TRUE, method = method, vcov = vcov, optimizer = "nlminb",
         optimizer_control = list(rel.tol = 1e-15, x.tol = 1e-13, iter.max = 1000, eval.max = 2000)),
    error = function(e) mmrm(formula, data = frame, reml = TRUE, method = method, vcov = vcov))
  found <- df_1d(fit, weights)
  c(estimate = found$est, se = found$se, df = found$df)
}

fit_lmer <- function(frame, X, weights, random, method) {
  control <- lme4::lmerControl(optimizer = "nloptwrap", optCtrl = list(
    xtol_abs = 1e-12, ftol_abs = 1e-12, xtol_rel = 1e-12, ftol_rel = 1e-14, maxeval = 20000))
  fit <- lmerTest::lmer(formula_of(X, random), data = frame, REML = TRUE, control = control)
  found <- lmerTest::contest1D(fit, weights, ddf = method)
  c(estimate = found[["Estimate"]], se = found[["Std. Error"]], df = found[["df"]])
}

# A free matrix over visits of people, and one of their limbs, which takes the residual's place.
fit_lme <- function(frame, X, weights) {
  fit <- nlme::lme(formula_of(X), data = frame, method = "REML",
                   random = list(participant = nlme::pdSymm(~ 0 + visit)),
                   correlation = nlme::corSymm(form = ~ occasion | participant/limb),
                   weights = nlme::varIdent(form = ~ 1 | visit),
                   control = nlme::lmeControl(maxIter = 500, msMaxIter = 1000, msMaxEval = 2000))
  variance <- drop(t(weights) %*% fit$varFix %*% weights)
  c(estimate = sum(weights * nlme::fixef(fit)), se = sqrt(variance), df = Inf)
}

# Limbs (people, where arms are people) with a value before and one after, or a printed change.
changes_of <- function(rows, start, at) {
  after <- rows[rows$visit == at, , drop = FALSE]
  after$change <- after$value
  if (!any(after$quantity == "change")) {
    before <- rows[rows$visit == start, , drop = FALSE]
    after$before <- before$value[match(after$limb, before$limb)]
    after$change <- after$value - after$before
  }
  after[!is.na(after$change), , drop = FALSE]
}

fit_change <- function(pairs, first, second = NULL) {
  mine <- pairs$change[pairs$arm == first]
  test <- if (is.null(second)) t.test(mine) else t.test(mine, pairs$change[pairs$arm == second])
  means <- unname(test$estimate)
  c(estimate = if (is.null(second)) means else means[1] - means[2], se = unname(test$stderr), df = unname(test$parameter))
}

# Those who have a limb in every arm.
fit_paired <- function(pairs, arms, first, second) {
  for (arm in arms) {
    pairs <- pairs[pairs$participant %in% pairs$participant[pairs$arm == arm], , drop = FALSE]
  }
  one <- pairs[pairs$arm == first, , drop = FALSE]
  other <- pairs[pairs$arm == second, , drop = FALSE]
  test <- t.test(one$change, other$change[match(one$participant, other$participant)], paired = TRUE)
  c(estimate = unname(test$estimate), se = unname(test$stderr), df = unname(test$parameter))
}

fit_ancova <- function(pairs, arms, first, second) {
  X <- sapply(arms, function(arm) as.numeric(pairs$arm == arm))
  fit <- lm(pairs$value ~ 0 + X + I(pairs$before - mean(pairs$before)))
  weights <- c((arms == first) - (arms == second), 0)
  variance <- drop(t(weights) %*% vcov(fit) %*% weights)
  c(estimate = sum(weights * coef(fit)), se = sqrt(variance), df = df.residual(fit))
}

# A difference that a page prints: the interval's half width over its t quantile.
take_printed <- function(low, estimate, high, df) {
  c(estimate = estimate, se = (high - low) / 2 / qt(0.975, df), df = df)
}

# ---- side by side ------------------------------------------------------------------------------
# `printed` is what howlow's tables print; `same` what howlow gives by the very method that R uses
# here. R may be off by `tolerance` standard errors in the estimate, by that share in the standard
# error, and by ten times that share in the degrees of freedom. Intervals are those of one contrast.
compare <- function(found, printed, same, tolerance) {
  line <- function(who, it) {
    half <- qt(0.975, it[["df"]]) * it[["se"]]
    cat(sprintf("  %-22s %11.6g  SE %10.6g  df %7.4g  95 %% %.6g to %.6g\n", who, it[["estimate"]],
                it[["se"]], it[["df"]], it[["estimate"]] - half, it[["estimate"]] + half))
  }
  line("R:", found)
  line("howlow printed:", printed)
  line("howlow by this method:", same)
  off <- c((found[["estimate"]] - printed[["estimate"]]) / printed[["se"]],
           found[["se"]] / same[["se"]] - 1,
           if (is.finite(same[["df"]])) (found[["df"]] / same[["df"]] - 1) / 10)
  if (anyNA(off) || any(abs(off) > tolerance)) stop("R and howlow differ")
}

# One estimate; what goes wrong is told, and the others still follow.
block <- function(id, run) {
  cat("\n", id, "\n", sep = "")
  tryCatch(run(), error = function(e) {
    cat("  ", conditionMessage(e), "\n", sep = "")
    differences <<- c(differences, id)
  })
}

# ---- the estimates -------------------------------------------------------------------------------

block("own/squat/light - heavy/post/raw/clda-unstructured", function() {
  # SIMULATED. Squat (kg): light - heavy at post; unstructured covariance over visits.
  # mmrm takes the observed information of the covariances where howlow takes the expected one, so its
  # SE and df differ a little from the printed ones; both are Kenward and Roger's (1997). `same` is
  # howlow's number with the observed information.
  visits <- c("pre", "mid", "post")
  arms <- c("light", "heavy")
  rows <- rows_of("own", "squat", "",
                  visits, arms)
  expect_rows(rows, 30, 84)
  X <- cbind(
    cell(rows, c("light", "heavy"), "pre"),
    cell(rows, "light", "mid"),
    cell(rows, "heavy", "mid"),
    cell(rows, "light", "post"),
    cell(rows, "heavy", "post")
  )
  weights <- c(0, 0, 0, 1, -1)
  frame <- frame_of(rows, X, visits, arms)
  found <- fit_mmrm(frame, X, weights, c("us(visit | participant)"),
                    "Kenward-Roger")
  compare(found,
          printed = c(estimate = -2.03, se = 2.841, df = 26.8),
          same = c(estimate = -2.03, se = 2.836, df = 27.27),
          tolerance = 0.001)
})

if (length(differences) > 0) {
  stop("R and howlow differ in: ", paste(differences, collapse = "; "))
}
cat("\nR and howlow agree; estimates compared: 1\n")
