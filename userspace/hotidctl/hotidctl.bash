# SPDX-License-Identifier: GPL-2.0
# bash completion of hotidctl; names of identities are those configured here.

_hotidctl()
{
	local commands="status arm disarm takeover release watch history margins doctor"
	local cur=${COMP_WORDS[COMP_CWORD]} word command= names=
	local options="--json -h --help --version"

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case " $commands " in
		*" $word "*) command=$word; break ;;
		esac
	done
	case $command in
	arm | disarm) options+=" --no-wait --timeout" ;;
	takeover | release) options+=" --no-wait --timeout --epoch" ;;
	margins) options+=" --reset" ;;
	esac

	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	elif [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
	elif [[ $command != margins && $command != doctor ]]; then
		names=$(shopt -s nullglob; for word in /etc/hotid/identities/*.yaml; do
			basename "$word" .yaml; done)
		mapfile -t COMPREPLY < <(compgen -W "$names" -- "$cur")
	fi
}

complete -F _hotidctl hotidctl
