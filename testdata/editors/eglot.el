;;; eglot.el --- Emacs with editors/emacs: what `tools/try-editors' holds true  -*- lexical-binding: t; -*-

(require 'cl-lib)
(require 'flymake)
(require 'dlint)

(define-derived-mode dockerfile-mode prog-mode "Dockerfile" (setq-local comment-start "# "))

(setq dlint-program (getenv "DLINT")
      eglot-sync-connect 20
      eglot-send-changes-idle-time 0.05
      flymake-no-changes-timeout 0.05
      make-backup-files nil
      create-lockfiles nil)

;; Eglot wants a project; the folder is one.
(cl-defmethod project-root ((project (head try-folder))) (cdr project))
(setq project-find-functions (list (lambda (folder) (cons 'try-folder (expand-file-name folder)))))

(defun try-step (name done &optional detail)
  "Wait until DONE gives something, and say so: NAME and what DETAIL gives."
  (let ((end (+ (float-time) 15)) found)
    (while (and (not (setq found (funcall done))) (< (float-time) end))
      (accept-process-output nil 0.05)
      (sit-for 0.02)
      (flymake-start))
    (princ (concat name (unless found ": did not happen") (when (and found detail) (format ": %s" (funcall detail))) "\n"))
    (unless found (kill-emacs 1))
    found))

(defun try-found (word)
  "The line of the diagnostic whose text has WORD in it."
  (let ((one (cl-find-if (lambda (d) (string-match-p word (flymake-diagnostic-text d))) (flymake-diagnostics))))
    (when one (line-number-at-pos (flymake-diagnostic-beg one)))))

(let ((noninteractive nil))
  (with-current-buffer (find-file-noselect (getenv "FILE"))
    (set-window-buffer (selected-window) (current-buffer))
    (dockerfile-mode)
    (apply #'eglot (list '(dockerfile-mode) (project-current) 'eglot-lsp-server (dlint--command)
                         (if (>= emacs-major-version 29) '("dockerfile") "dockerfile")))
    (flymake-mode 1)
    (try-step "diagnostics appear" (lambda () (try-found "MAINTAINER")) (lambda () (format "line %s" (try-found "MAINTAINER"))))
    (goto-char (point-min))
    (insert "# héllo 𝒳\n")
    (eglot--signal-textDocument/didChange)
    (try-step "they move with the text" (lambda () (eql 3 (try-found "MAINTAINER"))) (lambda () (format "line %s" (try-found "MAINTAINER"))))
    (let* ((server (eglot-current-server))
           (document (eglot--TextDocumentIdentifier))
           (range (list :start '(:line 0 :character 0) :end (list :line (line-number-at-pos (point-max)) :character 0)))
           (hints nil))
      (try-step "a hint shows bytes"
                (lambda ()
                  (setq hints (jsonrpc-request server :textDocument/inlayHint (list :textDocument document :range range)))
                  (and (vectorp hints) (> (length hints) 0)))
                (lambda () (plist-get (aref hints 0) :label))))
    (dlint-fix-all)
    (try-step "the fix is applied" (lambda () (string-match-p "LABEL" (buffer-string)))
              (lambda () (save-excursion (goto-char (point-min)) (forward-line 2) (buffer-substring (point) (line-end-position)))))
    (eglot--signal-textDocument/didChange)
    (try-step "what it mends is gone" (lambda () (not (try-found "MAINTAINER"))))
    (set-buffer-modified-p nil)
    (ignore-errors (eglot-shutdown (eglot-current-server)))
    (kill-emacs 0)))
;;; eglot.el ends here
