;;; dlint.el --- Eglot with dlint for Dockerfiles  -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "28.1") (eglot "1.9"))
;; Keywords: languages, tools

;;; Commentary:

;; Tells Eglot to start `dlint lsp' for Dockerfiles.

;;; Code:

(require 'eglot)

(defgroup dlint nil
  "The linter for Dockerfiles."
  :group 'tools)

(defcustom dlint-program "dlint"
  "The program that is started."
  :type 'string)

(defun dlint--command (&rest _)
  "The command that starts the server."
  (list dlint-program "lsp"))

(add-to-list 'eglot-server-programs '((dockerfile-mode dockerfile-ts-mode) . dlint--command))

;;;###autoload
(defun dlint-fix-all ()
  "Apply all safe fixes to this buffer."
  (interactive)
  (eglot-code-actions (point-min) (point-max) "source.fixAll.dlint" t))

(provide 'dlint)
;;; dlint.el ends here
